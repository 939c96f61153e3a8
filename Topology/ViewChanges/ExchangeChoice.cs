using MessagePack;

namespace DecentralizedLion.Topology.ViewChanges;

/// <summary>The way of a view's exchange, and the times that its proposer predicted for a step by either way.</summary>
/// <param name="Kind">The way that all members of the view take.</param>
/// <param name="RingTime">The predicted time by the ring; zero: it was not predicted.</param>
/// <param name="DirectTime">The predicted time by the direct exchange; zero: it was not predicted.</param>
readonly record struct ExchangeChoice(ExchangeKind Kind, TimeSpan RingTime = default, TimeSpan DirectTime = default)
{
    const int Fields = 3;

    /// <summary>True when the times of both ways were predicted.</summary>
    public bool IsPredicted => RingTime > TimeSpan.Zero && DirectTime > TimeSpan.Zero;

    /// <summary>A choice of times that <see cref="Write"/> keeps as they are: whole microseconds in 32 bits.</summary>
    /// <param name="kind">The way.</param>
    /// <param name="ring">Seconds by the ring.</param>
    /// <param name="direct">Seconds by the direct exchange.</param>
    public static ExchangeChoice Of(ExchangeKind kind, double ring, double direct) => new(kind, Whole(ring), Whole(direct));

    /// <summary>Writes it: a MessagePack array of the kind and two times in microseconds.</summary>
    public void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        writer.Write((byte)Kind);
        writer.Write((uint)RingTime.TotalMicroseconds);
        writer.Write((uint)DirectTime.TotalMicroseconds);
    }

    /// <summary>Reads what <see cref="Write"/> wrote; null when it is none. Throws what a MessagePack reader throws.</summary>
    public static ExchangeChoice? TryRead(ref MessagePackReader reader)
    {
        if (reader.ReadArrayHeader() != Fields)
            return null;
        var kind = (ExchangeKind)reader.ReadByte();
        uint ring = reader.ReadUInt32(), direct = reader.ReadUInt32();
        return Enum.IsDefined(kind)
            ? new ExchangeChoice(kind, TimeSpan.FromMicroseconds(ring), TimeSpan.FromMicroseconds(direct)) : null;
    }

    static TimeSpan Whole(double seconds) =>
        TimeSpan.FromMicroseconds((long)Math.Ceiling(Math.Clamp(1e6 * seconds, 0, uint.MaxValue)));
}
