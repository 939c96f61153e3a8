using System.Globalization;
using System.Text;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Cli.Display;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>report.md: the results and the learning rates tried, as tables to paste into a text.</summary>
/// <param name="settings">What is compared.</param>
sealed class CompareMarkdown(CompareSettings settings)
{
    readonly ComparisonMetric comparisonMetric = settings.ComparisonMetric;

    /// <summary>Writes the file.</summary>
    /// <returns>Its path.</returns>
    public string Write(string folder, IReadOnlyList<RunResult> tried, IReadOnlyList<RunResult> results)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "report.md");
        using var file = new AtomicFile(path);
        IEnumerable<string> lines = [.. Conditions(), "", .. Results(results), "", .. Rates(tried)];
        file.Write(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))));
        file.Commit();
        return path;
    }

    IEnumerable<string> Conditions()
    {
        yield return Format.Text($"The last {100 * settings.ValidationShare:0.##} % of the training part are the validation ")
            + "part: nobody trains on it, and learning rates are the best on it, by the first seed. All other numbers are of the "
            + "test part.";
        yield return settings.UnequalClips is { } unequal ? unequal
            : $"gradientClip is {Clip(settings.GradientClips.Values.First())} for all series.";
    }

    static string Clip(float clip) => clip.ToString("G4", CultureInfo.InvariantCulture);

    IEnumerable<string> Results(IReadOnlyList<RunResult> results)
    {
        yield return "| series | workers | seeds | learning rate | bits per parameter and step | sent by each peer | test loss | "
            + "test accuracy, % |";
        yield return "|--|--|--|--|--|--|--|--|";
        foreach (var row in SeriesSummary.Of(settings.Names, results))
            yield return $"| {row.Series} | {row.Workers} | {row.Seeds} | {Rate(row.LearningRate)} | "
                + Format.Text($"{row.BitsPerParameter:0.00} ") + $"| {Format.Bytes(row.BytesSent)} | "
                + $"{Spread(row.Loss, 1, "0.000", row.Seeds)} | {Spread(row.Accuracy, 100, "0.0", row.Seeds)} |";
    }

    IEnumerable<string> Rates(IReadOnlyList<RunResult> tried)
    {
        var rows = (from name in settings.Names
                    from workers in settings.GridWorkers
                    let runs = tried.Where(run => run.Series == name && run.Workers == workers)
                        .OrderBy(run => run.LearningRate).ToArray()
                    where runs.Length > 0
                    select (Name: name, Workers: workers, Runs: runs)).ToArray();
        if (rows.Length == 0)
            yield break;
        var most = rows.Max(row => row.Runs.Length);
        yield return $"| series | workers | learning rate: validation {(comparisonMetric.IsLoss ? "loss" : "accuracy, %")} "
            + $"|{string.Concat(Enumerable.Repeat(" |", most - 1))}";
        yield return $"|--|--|{string.Concat(Enumerable.Repeat("--|", most))}";
        foreach (var (name, workers, runs) in rows)
        {
            var best = comparisonMetric.BestRate(name, workers, tried);
            var cells = runs.Select(run => run.LearningRate == best ? $"**{Cell(run)}**" : Cell(run))
                .Concat(Enumerable.Repeat("", most - runs.Length));
            yield return $"| {name} | {workers} | {string.Join(" | ", cells)} |";
        }
    }

    string Cell(RunResult run) =>
        $"{Rate(run.LearningRate)}: "
        + comparisonMetric.OnValidation(run).ToString(comparisonMetric.IsLoss ? "0.000" : "0.0", CultureInfo.InvariantCulture);

    /// <summary>A learning rate is a 32-bit number, written as a person would.</summary>
    static string Rate(double rate) => ((float)rate).ToString("G4", CultureInfo.InvariantCulture);

    static string Spread(MeanStd meanStd, double scale, string format, int seeds)
    {
        var mean = (scale * meanStd.Mean).ToString(format, CultureInfo.InvariantCulture);
        return seeds < 2 ? mean : $"{mean} ± {(scale * meanStd.Deviation).ToString(format, CultureInfo.InvariantCulture)}";
    }
}
