using System.Buffers;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Configuration;
using MessagePack;

namespace DecentralizedLion.Topology.Diagnostics;

/// <summary>
/// A test message on a link, or the answer to one. A member answers it and changes no state, so the sender is never taken for a
/// process that joins, and a running ring is not disturbed.
/// </summary>
/// <param name="ReceiverSession">The session of the receiver whose probe the sender has heard; 0: none.</param>
/// <param name="WantsAnswer">The receiver is to answer.</param>
/// <param name="Time">The sender's clock, microseconds since 1970 (UTC).</param>
/// <param name="Echo">The time in the probe that this one answers; 0: it answers none.</param>
/// <param name="Settings">The fingerprint's parts, to be compared field by field.</param>
/// <param name="Padding">Bytes without meaning behind them, so that the frame is nearly as long as the longest; the answer has as
/// many.</param>
sealed record Probe(ulong ReceiverSession, bool WantsAnswer, long Time, long Echo, IReadOnlyList<FingerprintField> Settings,
    int Padding = 0)
{
    /// <summary>Padding that makes a frame nearly as long as a piece of a snapshot, which is the longest frame there
    /// is.</summary>
    public const int LongPadding = Ring.PieceLength - (16 << 10);

    const int Fields = 6;

    /// <summary>The time that a clock shows, as <see cref="Time"/> has it.</summary>
    public static long TimeOf(TimeProvider clock) =>
        (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The answer to this probe.</summary>
    /// <param name="session">Of the frame that it came in.</param>
    /// <param name="clock">The answering peer's clock.</param>
    /// <param name="settings">The answering peer's settings.</param>
    public Probe Answer(ulong session, TimeProvider clock, IReadOnlyList<FingerprintField> settings) =>
        new(session, false, TimeOf(clock), Time, settings, Padding);

    public byte[] Encode()
    {
        var output = new ArrayBufferWriter<byte>(1024);
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(Fields);
        writer.Write(ReceiverSession);
        writer.Write(WantsAnswer);
        writer.Write(Time);
        writer.Write(Echo);
        FingerprintCodec.Write(ref writer, Settings);
        writer.Write(new byte[Padding]);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads a payload; null when it is not a probe.</summary>
    public static Probe? TryDecode(ReadOnlyMemory<byte> payload)
    {
        try
        {
            var reader = new MessagePackReader(payload);
            if (reader.ReadArrayHeader() != Fields)
                return null;
            ulong heard = reader.ReadUInt64();
            bool wantsAnswer = reader.ReadBoolean();
            long time = reader.ReadInt64(), echo = reader.ReadInt64();
            if (FingerprintCodec.TryRead(ref reader) is not { } settings)
                return null;
            if (reader.ReadBinary() is not { } padding)
                return null;
            return reader.End && padding.Length <= LongPadding
                ? new Probe(heard, wantsAnswer, time, echo, settings, (int)padding.Length) : null;
        }
        catch (Exception e) when (MessagePackReading.IsMalformed(e))
        {
            return null;
        }
    }
}
