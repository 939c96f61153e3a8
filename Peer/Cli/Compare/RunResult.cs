using DecentralizedLion.Models;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>The result of one run.</summary>
/// <param name="Series">The series.</param>
/// <param name="Workers">N.</param>
/// <param name="Seed">The seed.</param>
/// <param name="LearningRate">The peak learning rate.</param>
/// <param name="Steps">Steps.</param>
/// <param name="Parameters">d.</param>
/// <param name="BitsPerStep">Bits that a peer sends per parameter and step, by the formula, averaged over the run.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Validation">On the validation part, at the end: learning rates are chosen by it.</param>
/// <param name="Points">The course of the run.</param>
sealed record RunResult(string Series, int Workers, ulong Seed, double LearningRate, long Steps, int Parameters,
    double BitsPerStep, double Seconds, Evaluation Validation, IReadOnlyList<EvaluationPoint> Points)
{
    /// <summary>The accuracy at the end, 0 … 1.</summary>
    public double Accuracy => Points[^1].Accuracy;

    /// <summary>The loss on the test part at the end.</summary>
    public double Loss => Points[^1].Loss;
}
