using System.Globalization;

namespace DecentralizedLion.Fuzz;

/// <summary>The counts of a parser's inputs by their results.</summary>
sealed class FuzzStatistics
{
    const string Line = "| {0,-15} | {1,9} | {2,9} | {3,11} | {4,9} | {5,10} | {6}";

    readonly SortedDictionary<string, long> outcomes = new(StringComparer.Ordinal);

    public static string Head => string.Format(CultureInfo.InvariantCulture, Line,
        "parser", "inputs", "accepted", "most bytes", "most ms", "inputs/s", "refused");

    public long Inputs { get; private set; }

    public long MostAllocated { get; private set; }

    public TimeSpan Longest { get; private set; }

    public TimeSpan Elapsed { get; set; }

    public List<string> Failures { get; } = [];

    public long Accepted => outcomes.GetValueOrDefault(Target.Accepted);

    public void Add(string outcome, long allocated, TimeSpan took)
    {
        Inputs++;
        outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        MostAllocated = Math.Max(MostAllocated, allocated);
        Longest = took > Longest ? took : Longest;
    }

    public string Row(string parser) => string.Format(CultureInfo.InvariantCulture, Line, parser, Inputs, Accepted, MostAllocated,
        Longest.TotalMilliseconds.ToString("F1", CultureInfo.InvariantCulture),
        (long)(Inputs / Math.Max(1e-9, Elapsed.TotalSeconds)),
            string.Join(", ",
                outcomes.Where(outcome => outcome.Key != Target.Accepted).Select(outcome => $"{outcome.Key} {outcome.Value}")));
}
