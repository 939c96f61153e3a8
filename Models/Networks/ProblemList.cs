namespace DecentralizedLion.Models.Networks;

/// <summary>A list of problems in one message: all of them, or the first ten and the number of the others.</summary>
static class ProblemList
{
    const int ShownMax = 10;

    /// <summary>The problems with semicolons between them.</summary>
    public static string Of(IReadOnlyList<string> problems) => problems.Count <= ShownMax
        ? string.Join("; ", problems)
        : $"{string.Join("; ", problems.Take(ShownMax))}; and {problems.Count - ShownMax} more";
}
