using System.Buffers;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Fuzz.Frames;

/// <summary>Links to nobody: what is sent is looked at as the real ones would, and kept as far as an answer depends on it.</summary>
sealed class CapturingMesh : IMesh
{
    readonly ArrayBufferWriter<byte> envelope = new(FrameHeader.MaxLength);

    public FrameHandler? Handler { get; set; }

    public Action<int>? Refused { get; set; }

    public Action<int>? Ended { get; set; }

    public Action<RejectedConnection>? Rejected { get; set; }

    public bool Authenticates => false;

    public LinkCounters Counters { get; } = new();

    /// <summary>The last ask for records or a snapshot.</summary>
    public FetchAsk LastAsk { get; private set; }

    /// <summary>What the member said it holds last; empty: nothing yet.</summary>
    public byte[] LastHeld { get; private set; } = [];

    public void Send(int to, Channel channel, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        envelope.ResetWrittenCount();
        header.Write(envelope);
        if (header.Kind == FrameKind.Fetch && FetchAsk.TryDecode(payload.ToArray()) is { } ask)
            LastAsk = ask;
        else if (header.Kind == FrameKind.Held)
            LastHeld = payload.ToArray();
    }
}
