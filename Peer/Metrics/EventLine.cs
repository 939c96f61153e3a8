using System.Text.Json;

namespace DecentralizedLion.Peer.Metrics;

/// <summary>Events as lines of JSON and back.</summary>
static class EventLine
{
    static readonly JsonSerializerOptions options = new(JsonSerializerDefaults.Web)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        AllowOutOfOrderMetadataProperties = true,
    };

    public static string Write(PeerEvent happened) => JsonSerializer.Serialize(happened, options);

    /// <summary>Writes the same line as UTF-8.</summary>
    public static void Write(PeerEvent happened, Utf8JsonWriter output) => JsonSerializer.Serialize(output, happened, options);

    /// <summary>The options of a writer for <see cref="Write(PeerEvent, Utf8JsonWriter)"/>.</summary>
    public static JsonWriterOptions WriterOptions => new() { Encoder = options.Encoder };

    /// <summary>The event of a line, or null when the line is something else (a library printed it, or a crash cut it).</summary>
    public static PeerEvent? TryRead(string line)
    {
        if (!line.StartsWith('{'))
            return null;
        try
        {
            return JsonSerializer.Deserialize<PeerEvent>(line, options) is { } happened && HasItsTexts(happened)
                ? happened : null;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    // Numbers that are not there are 0, as in files of older versions; a text would be null, and whoever shows it does not ask.
    static bool HasItsTexts(PeerEvent happened) => happened switch
    {
        Started e => e is { Peer: not null, Device: not null, Fingerprint: not null },
        Stepped e => e.Digest is not null,
        Evaluated e => e.Digest is not null,
        Saved e => e.File is not null,
        Busy e => e.With is not null,
        Note e => e.Text is not null,
        Links e => e.Peers is not null && e.Peers.All(link => link is { Peer: not null }),
        Profiled e => e is { Parts: not null, Hops: not null },
        Fault e => e is { What: not null, Text: not null },
        Ended e => e is { Reason: not null, Digest: not null },
        _ => true,
    };

    /// <summary>JSON has no infinities and no NaN; such a number becomes null.</summary>
    public static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
