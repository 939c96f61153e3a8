namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>The runs that look for learning rates, and what came of them.</summary>
/// <param name="Runs">The runs, those beyond the file's rates included as far as they are known.</param>
/// <param name="Results">The results that there are.</param>
sealed record RateSearch(IReadOnlyList<RunSpec> Runs, IReadOnlyList<RunResult> Results)
{
    /// <summary>Goes on for as long as results ask for more rates.</summary>
    /// <param name="settings">What is compared.</param>
    /// <param name="split">The training part.</param>
    /// <param name="find">Gives the results of some runs, in their order; null for one that is missing.</param>
    public static RateSearch Of(
        CompareSettings settings, TrainingSplit split, Func<IReadOnlyList<RunSpec>, IReadOnlyList<RunResult?>> find)
    {
        var known = new Dictionary<string, RunResult?>();
        while (true)
        {
            RunResult[] results = [.. known.Values.OfType<RunResult>()];
            RunSpec[] runs = [.. settings.Grid(split, results)];
            RunSpec[] more = [.. runs.Where(run => !known.ContainsKey(run.Key))];
            if (more.Length == 0)
                return new RateSearch(runs, results);
            foreach (var (run, result) in more.Zip(find(more)))
                known[run.Key] = result;
        }
    }
}
