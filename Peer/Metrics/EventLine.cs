using System.Text.Json;

namespace DecentralizedLion.Peer.Metrics;

/// <summary>Events as lines of JSON and back.</summary>
public static class EventLine
{
    static readonly JsonSerializerOptions options = new(JsonSerializerDefaults.Web)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        AllowOutOfOrderMetadataProperties = true,
    };

    public static string Write(PeerEvent happened) => JsonSerializer.Serialize(happened, options);

    /// <summary>The event of a line, or null when the line is something else (a library printed it, or a crash cut it).</summary>
    public static PeerEvent? TryRead(string line)
    {
        if (!line.StartsWith('{'))
            return null;
        try
        {
            return JsonSerializer.Deserialize<PeerEvent>(line, options);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>JSON has no infinities and no NaN; such a number becomes null.</summary>
    public static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
