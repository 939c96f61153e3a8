using System.Globalization;
using System.Text.RegularExpressions;

namespace DecentralizedLion.Peer.Tests.Telemetry;

/// <summary>
/// A reader of Prometheus' text format 0.0.4, from its description. It refuses lines that are neither comments nor samples,
/// samples before their type, samples that come twice, and histograms that do not add up.
/// </summary>
sealed partial class PrometheusText
{
    readonly Dictionary<string, string> types = [];
    readonly Dictionary<string, double> samples = [];

    public PrometheusText(string text)
    {
        Assert.EndsWith("\n", text);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var words = line.Split(' ');
                Assert.Contains(words[3], (string[])["counter", "gauge", "histogram", "summary", "untyped"]);
                types.Add(words[2], words[3]);
            }
            else if (!line.StartsWith('#'))
                Add(line);
        }
        foreach (var name in types.Where(type => type.Value == "histogram").Select(type => type.Key))
            CheckHistogram(name);
    }

    /// <summary>The names of all samples, with the ends that a histogram's have.</summary>
    public IReadOnlySet<string> Names => samples.Keys.Select(NameOf).ToHashSet();

    /// <summary>The values of samples of a name whose labels have all of some pairs.</summary>
    public IReadOnlyList<double> Values(string name, params string[] labels) =>
        [.. samples.Where(sample => NameOf(sample.Key) == name && labels.All(label => sample.Key.Contains(label)))
            .Select(sample => sample.Value)];

    public string TypeOf(string name) => types[name];

    void Add(string line)
    {
        var match = Sample().Match(line);
        Assert.True(match.Success, line);
        var rest = match.Groups["labels"].Value;
        Assert.True(rest == "" || Labels().IsMatch(rest), line);
        var name = match.Groups["name"].Value;
        Assert.True(types.ContainsKey(name) || types.ContainsKey(Ending().Replace(name, "")), $"no type before {line}");
        samples.Add(name + rest, match.Groups["value"].Value switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            var number => double.Parse(number, CultureInfo.InvariantCulture),
        });
    }

    void CheckHistogram(string name)
    {
        foreach (var series in samples.Where(sample => NameOf(sample.Key) == $"{name}_bucket")
            .GroupBy(sample => Bound().Replace(sample.Key[$"{name}_bucket".Length..], "")))
        {
            var counts = series.Select(sample => sample.Value).ToArray();
            Assert.Equal(counts.Order(), counts);
            Assert.Contains("le=\"+Inf\"", series.Last().Key);
            var labels = series.Key.Replace(",}", "}");
            Assert.Equal(counts[^1], samples[$"{name}_count{labels}"]);
            Assert.True(samples.ContainsKey($"{name}_sum{labels}"));
        }
    }

    static string NameOf(string sample) => sample.Split('{')[0];

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>\{.*\})? (?<value>[^ ]+)( \d+)?$""")]
    private static partial Regex Sample();

    [GeneratedRegex("""^\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*",?)*\}$""")]
    private static partial Regex Labels();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Ending();

    [GeneratedRegex("""le="[^"]*",?""")]
    private static partial Regex Bound();
}
