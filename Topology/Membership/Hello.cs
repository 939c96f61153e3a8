using System.Buffers;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Configuration;
using MessagePack;

namespace DecentralizedLion.Topology.Membership;

/// <summary>The first message on a link: who I am, what I am set to, and whether I have heard you.</summary>
/// <param name="ReceiverSession">The session of the receiver that the sender has heard, 0: none yet.</param>
/// <param name="WantsAnswer">The sender does not know yet that the receiver has heard it.</param>
/// <param name="DiskId">The random number of the sender's disk.</param>
/// <param name="Step">The step of its newest checkpoint.</param>
/// <param name="State">That checkpoint's digest.</param>
/// <param name="Settings">The fingerprint's parts, to be compared field by field.</param>
sealed record Hello(ulong ReceiverSession, bool WantsAnswer, ulong DiskId, long Step, Digest State,
    IReadOnlyList<FingerprintField> Settings)
{
    public byte[] Encode()
    {
        var output = new ArrayBufferWriter<byte>(1024);
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(6);
        writer.Write(ReceiverSession);
        writer.Write(WantsAnswer);
        writer.Write(DiskId);
        writer.Write(Step);
        State.Write(ref writer);
        FingerprintCodec.Write(ref writer, Settings);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads a payload; null when it is not a hello.</summary>
    public static Hello? TryDecode(ReadOnlyMemory<byte> payload)
    {
        try
        {
            var reader = new MessagePackReader(payload);
            if (reader.ReadArrayHeader() != 6)
                return null;
            ulong heard = reader.ReadUInt64();
            bool wantsAnswer = reader.ReadBoolean();
            ulong diskId = reader.ReadUInt64();
            long step = reader.ReadInt64();
            if (diskId == 0 || step is < 0 or long.MaxValue || reader.ReadBinary() is not { Length: Digest.Length } state)
                return null;
            if (FingerprintCodec.TryRead(ref reader) is not { } settings)
                return null;
            return reader.End ? new Hello(heard, wantsAnswer, diskId, step, new Digest(state.ToArray()), settings) : null;
        }
        catch (Exception e) when (MessagePackReading.IsMalformed(e))
        {
            return null;
        }
    }
}
