using System.Globalization;
using System.Text;
using DecentralizedLion.Peer.Checkpoints;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>The results as CSV: a line a learning rate tried, a line a series and number of workers, a line an
/// evaluation.</summary>
/// <param name="settings">What is compared.</param>
/// <param name="folder">Where the files go.</param>
sealed class CompareTables(CompareSettings settings, string folder)
{
    /// <summary>grid.csv: what each learning rate came to.</summary>
    public void Grid(IEnumerable<RunResult> tried) =>
        Write("grid.csv", "series,workers,seed,learning_rate,validation_loss,validation_accuracy",
        tried.Select(run => Line(run.Series, run.Workers, run.Seed, run.LearningRate, run.Validation.Loss,
            run.Validation.Accuracy)));

    /// <summary>summary.csv and curves.csv.</summary>
    public void Results(IReadOnlyList<RunResult> results)
    {
        Write("summary.csv", "series,workers,seeds,learning_rate,steps,bits_per_parameter_and_step,bytes_sent,"
            + "test_loss_mean,test_loss_deviation,test_accuracy_mean,test_accuracy_deviation,seconds_mean",
            SeriesSummary.Of(settings.Names, results)
                .Select(row => Line(row.Series, row.Workers, row.Seeds, row.LearningRate, row.Steps,
                row.BitsPerParameter, row.BytesSent, row.Loss.Mean, row.Loss.Deviation, row.Accuracy.Mean, row.Accuracy.Deviation,
                row.Seconds)));
        Write("curves.csv", "series,workers,seed,step,epoch,train_loss,test_loss,test_accuracy,bytes_sent",
            from run in results
            from point in run.Points
            select Line(run.Series, run.Workers, run.Seed, point.Step, point.Epoch, point.TrainLoss, point.Loss, point.Accuracy,
                point.BytesSent));
    }

    void Write(string name, string header, IEnumerable<string> lines)
    {
        Directory.CreateDirectory(folder);
        using var file = new AtomicFile(Path.Combine(folder, name));
        file.Write(Encoding.UTF8.GetBytes(string.Concat(lines.Prepend(header).Select(line => line + "\n"))));
        file.Commit();
    }

    static string Line(params object[] values) => string.Join(',', values.Select(value => value switch
    {
        float number => number.ToString("G6", CultureInfo.InvariantCulture),
        double number => number.ToString("G6", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        string text when text.AsSpan().IndexOfAny(',', '"') >= 0 => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
        var text => text.ToString(),
    }));
}
