using System.Globalization;

namespace DecentralizedLion.Benchmarks.Exchange;

/// <summary>One peer's answer.</summary>
sealed record Report(double[] Seconds, IReadOnlyDictionary<string, double> Values, string Chain)
{
    public static Report Parse(string line)
    {
        var fields = line.Split(' ').Select(field => field.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        fields.Remove("seconds", out string? seconds);
        fields.Remove("chain", out string? chain);
        return new Report([.. seconds!.Split(',').Select(Number)],
            fields.ToDictionary(pair => pair.Key, pair => Number(pair.Value)), chain ?? "");
    }

    static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
