using System.Buffers;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>A checked frame that came before this member gave its word, in rented memory.</summary>
readonly record struct EarlyFrame(
    FrameKind Kind, int CountPlanes, int AbstentionPlanes, PeerSet Voters, byte[] Rented, int Length)
{
    /// <summary>The payload.</summary>
    public ReadOnlySpan<byte> Payload => Rented.AsSpan(0, Length);

    /// <summary>Copies a frame.</summary>
    public static EarlyFrame Copy(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(payload.Length);
        payload.CopyTo(rented);
        return new(header.Kind, header.CountPlanes, header.AbstentionPlanes, header.Voters, rented, payload.Length);
    }

    /// <summary>Gives the memory back.</summary>
    public void Return() => ArrayPool<byte>.Shared.Return(Rented);
}
