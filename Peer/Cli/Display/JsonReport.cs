using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>What <c>--json</c> prints: one document with names as in metrics.jsonl. A number that is not finite is the text
/// "NaN", "Infinity" or "-Infinity".</summary>
static class JsonReport
{
    static readonly JsonSerializerOptions style = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    /// <summary>Writes it.</summary>
    public static void Write<T>(T report, TextWriter output)
    {
        output.WriteLine(JsonSerializer.Serialize(report, style));
        output.Flush();
    }
}
