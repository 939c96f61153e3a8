using System.Text;
using DecentralizedLion.Codecs.Wire;
using MessagePack;

namespace DecentralizedLion.Topology.Configuration;

/// <summary>A fingerprint's parts in a message: an array of field, value, field, value, …</summary>
static class FingerprintCodec
{
    const int FieldsMax = 1024;

    /// <summary>The longest value is that of "peers": all ids of the largest roster, and the commas between them.</summary>
    const int TextLengthMax = Roster.MaxPeers * (Roster.MaxIdLength + 1);

    public static void Write(ref MessagePackWriter writer, IReadOnlyList<FingerprintField> settings)
    {
        writer.WriteArrayHeader(2 * settings.Count);
        foreach (FingerprintField setting in settings)
        {
            writer.Write(setting.Name);
            writer.Write(setting.Value);
        }
    }

    /// <summary>Reads them; null when they are none. Throws what the reader throws.</summary>
    public static FingerprintField[]? TryRead(ref MessagePackReader reader)
    {
        int texts = reader.ReadArrayHeader();
        if (texts % 2 != 0 || texts > 2 * FieldsMax)
            return null;
        var settings = new FingerprintField[texts / 2];
        for (int index = 0; index < settings.Length; index++)
        {
            string? field = Text(ref reader), value = Text(ref reader);
            if (field is null || value is null)
                return null;
            settings[index] = new FingerprintField(field, value);
        }
        return settings;
    }

    static string? Text(ref MessagePackReader reader)
    {
        // The sequence is a view of the payload: nothing is allocated before its length is known to be small.
        if (reader.ReadUtf8() is not { } bytes || bytes.Length > TextLengthMax)
            return null;
        return Encoding.UTF8.GetString(bytes);
    }
}
