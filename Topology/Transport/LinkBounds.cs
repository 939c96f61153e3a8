using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Membership;

namespace DecentralizedLion.Topology.Transport;

/// <summary>What a link takes at most, by what the roster and the model can need.</summary>
/// <param name="LargestPayload">No longer payload is accepted, in bytes; the connection is cut.</param>
/// <param name="WaitingBytes">No more bytes wait for one peer that does not take them; it asks for what was given up.</param>
public readonly record struct LinkBounds(int LargestPayload, long WaitingBytes = 1L << 30)
{
    // The open step, the next one, and the last one again.
    const int Steps = 3;

    // What steps carry changes slowly, or comes again soon; none carries more than the largest of so many.
    const int Looked = 1024;

    const long LeastWaiting = 16L << 20, MostWaiting = 1L << 30;

    /// <summary>The bounds of a run.</summary>
    public static LinkBounds Of(MemberOptions options)
    {
        long largest = 0, most = 0;
        IReadOnlyList<StepPart>? last = null;
        for (long step = 1; step <= Looked; step++)
        {
            IReadOnlyList<StepPart> parts = options.Parts(step);
            if (ReferenceEquals(parts, last))
                continue;
            last = parts;
            most = Math.Max(most, parts.Sum(part => BytesOf(part, options.Names.Count)));
            foreach (StepPart part in parts)
                largest = Math.Max(largest, LargestOf(part, options));
        }
        return new LinkBounds((int)Math.Min(int.MaxValue, Math.Max(largest, Ring.PieceLength) + 1024), Math.Clamp(Steps * most, LeastWaiting, MostWaiting));
    }

    /// <summary>The longest payload of a part: sums of so many voters as there can be, whatever the roster.</summary>
    static long LargestOf(StepPart part, MemberOptions options)
    {
        int segment = 0;
        for (int members = 1; members <= options.Names.Count; members++) // a smaller view has longer chunks
            segment = Math.Max(segment, new ChunkMap(part, members, options.SegmentWords, isFirst: false).SegmentWords);
        return (long)segment * sizeof(ulong) * (part.Reduction.IsGathered ? 1 : Math.Max(SumPlanes(part, VoterSet.Capacity), OutcomePlanes(part, VoterSet.Capacity)));
    }

    /// <summary>What goes to one neighbour in a step: of each element the sum once and the outcome once, or all others' ballots.</summary>
    static long BytesOf(StepPart part, int members) => sizeof(ulong) * (long)part.Words
        * (part.Reduction.IsGathered ? members : SumPlanes(part, members) + OutcomePlanes(part, members));

    static int SumPlanes(StepPart part, int voters) => part.Reduction.SumPlanes(voters) * (part.Reduction.HasZeros ? 2 : 1);

    static int OutcomePlanes(StepPart part, int voters) => part.Reduction.OutcomePlanes(voters) + part.Reduction.OutcomeZeroPlanes(voters);
}
