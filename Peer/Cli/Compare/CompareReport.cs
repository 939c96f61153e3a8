namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>The results of a comparison so far.</summary>
sealed record CompareReport
{
    public required string Name { get; init; }

    /// <summary>What learning rates are chosen by: accuracy or loss.</summary>
    public required string Metric { get; init; }

    /// <summary>The runs that look for learning rates.</summary>
    public required RunCount LearningRateRuns { get; init; }

    /// <summary>The runs that are compared.</summary>
    public required RunCount ComparedRuns { get; init; }

    /// <summary>The series whose best learning rate is the smallest or the largest tried.</summary>
    public required IReadOnlyList<string> BestRateAtEdge { get; init; }

    /// <summary>A sentence when not all series have the same gradient clip; else null.</summary>
    public required string? UnequalClips { get; init; }

    /// <summary>The learning rates that were tried.</summary>
    public required IReadOnlyList<TriedRate> LearningRates { get; init; }

    /// <summary>The series, with each number of workers.</summary>
    public required IReadOnlyList<SeriesSummary> Results { get; init; }

    /// <summary>The tables and charts that were written.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Gathers it.</summary>
    /// <param name="settings">What is compared.</param>
    /// <param name="search">The runs for learning rates.</param>
    /// <param name="results">What came of the runs that are compared.</param>
    /// <param name="files">The tables and charts.</param>
    public static CompareReport Of(CompareSettings settings, RateSearch search, IReadOnlyList<RunResult> results,
        IReadOnlyList<string> files) => new()
        {
            Name = settings.Name,
            Metric = settings.ComparisonMetric.Name,
            LearningRateRuns = new(search.Runs.Count, search.Runs.Count - search.Results.Count),
            ComparedRuns = new(settings.Count, settings.Count - results.Count),
            BestRateAtEdge = AtEdge(settings, search.Results),
            UnequalClips = settings.UnequalClips,
            LearningRates = [.. search.Results.Select(TriedRate.Of)],
            Results = SeriesSummary.Of(settings.Names, results),
            Files = files,
        };

    /// <summary>Writes for people what the tables do not say.</summary>
    public void Write(TextWriter output)
    {
        if (LearningRateRuns.Missing + ComparedRuns.Missing > 0)
            output.WriteLine($"missing: {LearningRateRuns.Missing} of {LearningRateRuns.All} runs for learning rates, "
                + $"{ComparedRuns.Missing} of {ComparedRuns.All} that are compared; tables and charts are of the others");
        if (BestRateAtEdge.Count > 0)
            output.WriteLine("the best learning rate is the smallest or the largest tried, so that a better one may lie beyond: "
                + string.Join(", ", BestRateAtEdge));
        if (UnequalClips is { } unequal)
            output.WriteLine(unequal);
        foreach (var file in Files)
            output.WriteLine($"wrote {file}");
    }

    static string[] AtEdge(CompareSettings settings, IReadOnlyList<RunResult> tried) =>
    [
        .. from name in settings.Names
           from workers in settings.GridWorkers
           let rates = tried.Where(run => run.Series == name && run.Workers == workers).Select(run => run.LearningRate).ToArray()
           where settings.ComparisonMetric.BestRate(name, workers, tried) is { } best && LearningRateGrid.IsAtEdge(best, rates)
           select settings.GridWorkers.Count > 1 ? $"{name} with {workers} workers" : name,
    ];
}
