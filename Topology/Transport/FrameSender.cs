using System.Runtime.InteropServices;
using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.Transport;

/// <summary>Puts run, session and view on what a member sends.</summary>
sealed class FrameSender(ITransport transport, ulong run, ulong session) : ISegmentSender
{
    byte[] scratch = [];

    /// <summary>The view that frames are sent in.</summary>
    public int View { get; set; }

    public void SendControl(int to, FrameKind kind, long step, ReadOnlySpan<byte> payload) =>
        Send(to, LinkChannel.Control, new SegmentHeader(kind, step, default, 0, 0, default), payload);

    /// <summary>Sends something large, behind the data.</summary>
    public void SendBulk(int to, FrameKind kind, long step, ReadOnlySpan<byte> payload) =>
        Send(to, LinkChannel.Data, new SegmentHeader(kind, step, default, 0, 0, default), payload);

    /// <summary>Sends a message about the view with a number, which need not be the present one.</summary>
    public void SendForView(int to, FrameKind kind, int number, ReadOnlySpan<byte> payload)
    {
        int present = View;
        View = number;
        SendControl(to, kind, 0, payload);
        View = present;
    }

    public void Send(int member, in SegmentHeader segment, ReadOnlySpan<ulong> counts, ReadOnlySpan<ulong> abstentions,
        ReadOnlySpan<uint> losses)
    {
        ReadOnlySpan<byte> first = MemoryMarshal.AsBytes(counts), second = MemoryMarshal.AsBytes(abstentions);
        ReadOnlySpan<byte> third = MemoryMarshal.AsBytes(losses);
        if (second.IsEmpty && third.IsEmpty)
        {
            Send(member, LinkChannel.Data, segment, first); // almost every frame: one piece, nothing to put together
            return;
        }
        int length = first.Length + second.Length + third.Length;
        if (scratch.Length < length)
            scratch = new byte[length];
        first.CopyTo(scratch);
        second.CopyTo(scratch.AsSpan(first.Length));
        third.CopyTo(scratch.AsSpan(first.Length + second.Length));
        Send(member, LinkChannel.Data, segment, scratch.AsSpan(0, length));
    }

    void Send(int to, LinkChannel channel, in SegmentHeader s, ReadOnlySpan<byte> payload)
    {
        var header = new FrameHeader(s.Kind, run, session, View, s.Step, s.SegmentId.Chunk, s.SegmentId.Hop, s.SegmentId.Segment,
            s.CountPlanes, s.AbstentionPlanes, s.Voters, 0);
        transport.Send(to, channel, header with { Crc = header.Checksum(payload) }, payload);
    }
}
