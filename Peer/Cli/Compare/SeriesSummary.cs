namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>One series at one number of workers, over its seeds.</summary>
/// <param name="Series">The series.</param>
/// <param name="Workers">N.</param>
/// <param name="Seeds">How many seeds.</param>
/// <param name="LearningRate">The peak learning rate.</param>
/// <param name="Steps">Steps of a run.</param>
/// <param name="BitsPerParameter">Bits that a peer sends per parameter and step.</param>
/// <param name="BytesSent">Bytes that a peer sends in a run.</param>
/// <param name="Loss">The loss on the test part at the end.</param>
/// <param name="Accuracy">The accuracy at the end, 0 … 1.</param>
/// <param name="Seconds">How long a run took.</param>
sealed record SeriesSummary(string Series, int Workers, int Seeds, float LearningRate, long Steps, double BitsPerParameter,
    double BytesSent, MeanStd Loss, MeanStd Accuracy, double Seconds)
{
    /// <summary>All of them, in the order of the series and by ascending workers.</summary>
    public static IReadOnlyList<SeriesSummary> Of(IReadOnlyList<string> series, IReadOnlyList<RunResult> results) =>
    [
        .. from name in series
           from runs in results.Where(run => run.Series == name).GroupBy(run => run.Workers).OrderBy(runs => runs.Key)
           let first = runs.First()
           select new SeriesSummary(name, runs.Key, runs.Count(), (float)first.LearningRate, first.Steps, first.BitsPerStep,
               first.Points[^1].BytesSent, MeanStd.Of(runs.Select(run => run.Loss)), MeanStd.Of(runs.Select(run => run.Accuracy)),
               runs.Average(run => run.Seconds)),
    ];
}
