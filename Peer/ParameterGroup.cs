using TorchSharp.Modules;

namespace DecentralizedLion;

/// <summary>Parameters of a network with a weight decay and a learning rate of their own, as norms and biases often
/// have.</summary>
/// <param name="Parameters">The parameters with their names. A name belongs to one parameter of all groups.</param>
public sealed record ParameterGroup(IEnumerable<(string name, Parameter parameter)> Parameters)
{
    /// <summary>λ of these parameters, 0 … 1000; null for the optimizer's.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>The factor of a step's learning rate for these parameters, 0 … 1000.</summary>
    public double LearningRateFactor { get; init; } = 1;

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Validate(int index)
    {
        if (Parameters is null)
            throw new ArgumentException($"groups[{index}].Parameters: found null; allowed is a list of parameters");
        Check(nameof(WeightDecay), WeightDecay ?? 0);
        Check(nameof(LearningRateFactor), LearningRateFactor);

        void Check(string field, double value)
        {
            if (!(value is >= 0 and <= 1000))
                throw new ArgumentException(
                    FormattableString.Invariant($"groups[{index}].{field}: found {value}; allowed is 0 to 1000"));
        }
    }
}
