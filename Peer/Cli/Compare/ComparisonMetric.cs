using DecentralizedLion.Models.Datasets;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>The number that runs are judged by: the accuracy, or the loss where the data is tokens, of which no model gets most
/// right.</summary>
/// <param name="IsLoss">Whether it is the loss.</param>
sealed record ComparisonMetric(bool IsLoss)
{
    /// <summary>The one for some data.</summary>
    public static ComparisonMetric Of(DataSettings data) => new(data.Kind is "text" or "tokens");

    /// <summary>A word for it, in files' names too.</summary>
    public string Name => IsLoss ? "loss" : "accuracy";

    /// <summary>The label of an axis: accuracies are shown in percent.</summary>
    public string Title => IsLoss ? "test loss (nats per token)" : "test accuracy (%)";

    /// <summary>At one evaluation, in the axis' unit.</summary>
    public double At(EvaluationPoint point) => IsLoss ? point.Loss : 100 * point.Accuracy;

    /// <summary>On the validation part, in the axis' unit.</summary>
    public double OnValidation(RunResult run) => IsLoss ? run.Validation.Loss : 100 * run.Validation.Accuracy;

    /// <summary>At the end of a series' runs, in the axis' unit.</summary>
    public MeanStd AtEnd(SeriesSummary row) =>
        IsLoss ? row.Loss : new MeanStd(100 * row.Accuracy.Mean, 100 * row.Accuracy.Deviation);

    /// <summary>The best of the learning rates tried with a number of workers by the validation part, of equally good ones the
    /// smallest; null of none.</summary>
    public double? BestRate(string series, int workers, IEnumerable<RunResult> tried) =>
        tried.Where(run => run.Series == series && run.Workers == workers)
        .OrderBy(Badness).ThenBy(run => run.LearningRate).FirstOrDefault()?.LearningRate;

    double Badness(RunResult run)
    {
        if (!double.IsFinite(run.Validation.Loss))
            return double.PositiveInfinity;
        return IsLoss ? run.Validation.Loss : -run.Validation.Accuracy;
    }
}
