using System.Buffers;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.StateTransfer;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Fuzz.Frames;

/// <summary>Links to nobody: what is sent is looked at as the real ones would, and kept as far as an answer depends on
/// it.</summary>
sealed class CapturingTransport : ITransport
{
    readonly ArrayBufferWriter<byte> envelope = new(FrameHeader.MaxLength);

    public FrameHandler? Handler { get; set; }

    public Action<int>? PeerDisconnected { get; set; }

    public Action<int>? ConnectionClosed { get; set; }

    public Action<RejectedConnection>? Rejected { get; set; }

    public bool IsAuthenticated => false;

    public LinkCounters Counters { get; } = new(PeerSet.Capacity);

    /// <summary>The last request for records or a snapshot.</summary>
    public FetchRequest? LastAsk { get; private set; }

    /// <summary>The member's last acknowledgement; empty when there is none yet.</summary>
    public byte[] LastAck { get; private set; } = [];

    public void Send(int to, LinkChannel channel, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        envelope.ResetWrittenCount();
        header.Write(envelope);
        if (header.Kind == FrameKind.FetchRequest && FetchRequest.TryDecode(payload.ToArray()) is { } request)
            LastAsk = request;
        else if (header.Kind == FrameKind.StepAck)
            LastAck = payload.ToArray();
    }
}
