using System.Buffers;
using System.Text;
using DecentralizedLion.Topology.Commit;
using MessagePack;

namespace DecentralizedLion.Topology.Membership;

/// <summary>The first message on a link: what I am set to, what state I have, and whether I have heard you.</summary>
/// <param name="Heard">The session of the receiver that the sender has heard, 0: none yet.</param>
/// <param name="Step">The last step the sender applied.</param>
/// <param name="Chain">Its chain digest after it.</param>
/// <param name="State">Digest of its replicated state.</param>
/// <param name="Parts">The fingerprint's parts, to be compared field by field.</param>
sealed record Hello(ulong Heard, long Step, ChainDigest Chain, ChainDigest State, IReadOnlyList<FingerprintPart> Parts)
{
    const int MostParts = 1024, MostText = 4096;

    public byte[] Encode()
    {
        var output = new ArrayBufferWriter<byte>(1024);
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(5);
        writer.Write(Heard);
        writer.Write(Step);
        writer.Write(Chain.Bytes.Span);
        writer.Write(State.Bytes.Span);
        writer.WriteArrayHeader(2 * Parts.Count);
        foreach (FingerprintPart part in Parts)
        {
            writer.Write(part.Field);
            writer.Write(part.Value);
        }
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads a payload; null when it is not a hello.</summary>
    public static Hello? TryDecode(ReadOnlyMemory<byte> payload)
    {
        try
        {
            var reader = new MessagePackReader(payload);
            if (reader.ReadArrayHeader() != 5)
                return null;
            ulong heard = reader.ReadUInt64();
            long step = reader.ReadInt64();
            if (step < 0 || Digest(ref reader) is not { } chain || Digest(ref reader) is not { } state)
                return null;
            int texts = reader.ReadArrayHeader();
            if (texts % 2 != 0 || texts > 2 * MostParts)
                return null;
            var parts = new FingerprintPart[texts / 2];
            for (int part = 0; part < parts.Length; part++)
            {
                string? field = Text(ref reader), value = Text(ref reader);
                if (field is null || value is null)
                    return null;
                parts[part] = new FingerprintPart(field, value);
            }
            return reader.End ? new Hello(heard, step, chain, state, parts) : null;
        }
        catch (Exception e) when (e is EndOfStreamException or MessagePackSerializationException or OverflowException)
        {
            return null;
        }
    }

    static ChainDigest? Digest(ref MessagePackReader reader) =>
        reader.ReadBytes() is { Length: ChainDigest.Length } bytes ? new ChainDigest(bytes.ToArray()) : null;

    static string? Text(ref MessagePackReader reader)
    {
        // The sequence is a view of the payload: nothing is allocated before its length is known to be small.
        if (reader.ReadStringSequence() is not { } bytes || bytes.Length > MostText)
            return null;
        return Encoding.UTF8.GetString(bytes);
    }
}
