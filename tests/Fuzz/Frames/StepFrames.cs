using System.Runtime.InteropServices;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Fuzz.Frames;

/// <summary>The frames of one step that the first peer gets from the others, as their exchanges make them.</summary>
static class StepFrames
{
    /// <summary>All of them, as inputs.</summary>
    /// <param name="view">The view; its members are 0 … N−1.</param>
    /// <param name="layout">What the step carries and how it is cut.</param>
    /// <param name="isRing">Ring or direct.</param>
    /// <param name="run">The run's fingerprint.</param>
    public static List<byte[]> Of(View view, StepLayout layout, bool isRing, ulong run)
    {
        var inputs = new List<byte[]>();
        var flying = new Queue<(int To, int From, FrameHeader Header, byte[] Payload)>();
        StepExchange[] members = [.. view.Members.Order().Select(member =>
            Make(view, member, layout, isRing,
                new Sender(member, run, view, (to, header, payload) => flying.Enqueue((to, member, header, payload)))))];
        foreach (StepExchange member in members)
            member.Start(member.Self == 1 ? null : BallotOf(member.Self, layout.Buckets, layout.Buckets[0].Length), member.Self);
        while (flying.TryDequeue(out var frame))
        {
            members[frame.To].Accept(frame.From, frame.Header, frame.Payload);
            if (frame.To == 0)
                inputs.Add(FrameInput.Join(frame.From - 1, frame.Header, frame.Payload));
        }
        return inputs;
    }

    public static StepExchange Make(View view, int self, StepLayout layout, bool isRing, ISegmentSender sender) =>
        new(view, self, 1, layout, isRing ? ExchangeKind.Ring : ExchangeKind.Direct, new ulong[layout.Buckets[0].Words])
        {
            Sender = sender,
        };

    /// <summary>A ballot of chance; every third peer's has zeros.</summary>
    /// <param name="peer">Whose it is.</param>
    /// <param name="buckets">What the step carries.</param>
    /// <param name="parameters">Indices are below it.</param>
    public static Ballot BallotOf(int peer, IReadOnlyList<Bucket> buckets, int parameters)
    {
        var ballot = new Ballot(buckets);
        foreach (BallotBucket bucket in ballot.Buckets)
            SimulatedGradient.Fill(bucket, (ulong)peer << 10, parameters, zeros: peer % 3 == 2);
        return ballot;
    }

    /// <summary>Puts envelopes on segments.</summary>
    public sealed class Sender(int self, ulong run, View view, Action<int, FrameHeader, byte[]> send) : ISegmentSender
    {
        public void Send(int member, in SegmentHeader segment, ReadOnlySpan<ulong> counts, ReadOnlySpan<ulong> abstentions,
            ReadOnlySpan<uint> losses)
        {
            byte[] payload = [.. MemoryMarshal.AsBytes(counts), .. MemoryMarshal.AsBytes(abstentions),
                .. MemoryMarshal.AsBytes(losses)];
            var header = new FrameHeader(segment.Kind, run, view.SessionOf(self), view.Number, segment.Step,
                segment.SegmentId.Chunk, segment.SegmentId.Hop, segment.SegmentId.Segment, segment.CountPlanes,
                segment.AbstentionPlanes, segment.Voters, 0);
            send(member, header with { Crc = header.Checksum(payload) }, payload);
        }
    }
}
