using System.Text;
using DecentralizedLion.Codecs;
using MessagePack;

namespace DecentralizedLion.Topology;

/// <summary>A fingerprint's parts in a message: an array of field, value, field, value, …</summary>
static class PartsCodec
{
    const int MostParts = 1024, MostText = 4096;

    public static void Write(ref MessagePackWriter writer, IReadOnlyList<FingerprintPart> parts)
    {
        writer.WriteArrayHeader(2 * parts.Count);
        foreach (FingerprintPart part in parts)
        {
            writer.Write(part.Field);
            writer.Write(part.Value);
        }
    }

    /// <summary>Reads them; null when they are none. Throws what the reader throws.</summary>
    public static FingerprintPart[]? TryRead(ref MessagePackReader reader)
    {
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
        return parts;
    }

    static string? Text(ref MessagePackReader reader)
    {
        // The sequence is a view of the payload: nothing is allocated before its length is known to be small.
        if (reader.ReadUtf8() is not { } bytes || bytes.Length > MostText)
            return null;
        return Encoding.UTF8.GetString(bytes);
    }
}
