namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>A learning rate that was tried.</summary>
/// <param name="Series">The series.</param>
/// <param name="Workers">N.</param>
/// <param name="Seed">The seed of the run.</param>
/// <param name="LearningRate">The peak learning rate.</param>
/// <param name="ValidationLoss">The loss on the validation part.</param>
/// <param name="ValidationAccuracy">The accuracy on the validation part, 0 … 1.</param>
readonly record struct TriedRate(
    string Series, int Workers, ulong Seed, float LearningRate, double ValidationLoss, double ValidationAccuracy)
{
    public static TriedRate Of(RunResult run) => new(run.Series, run.Workers, run.Seed, (float)run.LearningRate,
        run.Validation.Loss, run.Validation.Accuracy);
}
