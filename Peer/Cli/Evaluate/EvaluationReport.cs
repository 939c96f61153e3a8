using DecentralizedLion.Peer.Cli.Display;

namespace DecentralizedLion.Peer.Cli.Evaluate;

/// <summary>How good trained weights are.</summary>
/// <param name="Checkpoint">The file with the weights.</param>
/// <param name="Loss">The mean loss in nats.</param>
/// <param name="Accuracy">The share of right predictions, 0 … 1.</param>
/// <param name="Samples">The samples of the test part that were measured.</param>
sealed record EvaluationReport(string Checkpoint, double Loss, double Accuracy, long Samples)
{
    /// <summary>Writes it for people.</summary>
    public void Write(TextWriter output)
    {
        output.WriteLine(Checkpoint);
        output.WriteLine($"test accuracy  {Format.Percent(Accuracy)}");
        output.WriteLine($"test loss      {Format.Number(Loss)} nats");
        output.WriteLine($"samples        {Samples}");
    }
}
