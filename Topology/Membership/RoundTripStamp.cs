using System.Buffers.Binary;

namespace DecentralizedLion.Topology.Membership;

/// <summary>The times in a heartbeat from which its receiver computes the round trip. Clocks are never compared: each side
/// subtracts its own times only.</summary>
/// <param name="SentAt">The sender's clock when it sent the heartbeat, microseconds modulo 2³²; 0: not said.</param>
/// <param name="Echo">What the newest heartbeat of the receiver said as <paramref name="SentAt"/>; 0: none has come.</param>
/// <param name="Held">The microseconds between that heartbeat's arrival and the sending of this one.</param>
readonly record struct RoundTripStamp(uint SentAt, uint Echo, uint Held)
{
    /// <summary>Bytes of a stamp.</summary>
    public const int Length = 3 * sizeof(uint);

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, SentAt);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], Echo);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], Held);
    }

    public static RoundTripStamp Read(ReadOnlySpan<byte> source) => new(BinaryPrimitives.ReadUInt32LittleEndian(source),
        BinaryPrimitives.ReadUInt32LittleEndian(source[4..]), BinaryPrimitives.ReadUInt32LittleEndian(source[8..]));
}
