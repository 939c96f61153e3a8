using System.Text.Json;
using System.Text.RegularExpressions;

namespace DecentralizedLion.Peer.Tests.Telemetry;

/// <summary>The dashboard in deploy/grafana.</summary>
static partial class GrafanaDashboard
{
    /// <summary>The names of metrics in its queries.</summary>
    public static IReadOnlySet<string> MetricNames()
    {
        using var dashboard = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(Repository.Root, "deploy", "grafana", "decentralized-lion.json")));
        return Queries(dashboard.RootElement).SelectMany(query => Name().Matches(query)).Select(match => match.Value).ToHashSet();
    }

    static IEnumerable<string> Queries(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Queries),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => property.Name is "expr" or "definition"
            ? [property.Value.GetString()!] : Queries(property.Value)),
        _ => [],
    };

    // Not labels, which stand in braces or after "by".
    [GeneratedRegex("""(?<!(by|without) \([^)]*)(?<!\{[^}]*)\b(decentralized_lion|dotnet)_\w+""")]
    private static partial Regex Name();
}
