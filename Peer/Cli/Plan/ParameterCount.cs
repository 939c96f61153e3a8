using DecentralizedLion.Models;
using DecentralizedLion.Peer.Configuration;

namespace DecentralizedLion.Peer.Cli.Plan;

/// <summary>Counts a network's parameters without its data at hand.</summary>
static class ParameterCount
{
    /// <summary>Parameters and tensors of a run's network.</summary>
    /// <exception cref="UsageException">There is no such network for such data.</exception>
    public static (int Parameters, int Tensors) Of(RunConfig run)
    {
        if (UntrainedNetwork.Size(run) is { } size)
            return ((int)size.Parameters, size.Tensors);
        using var network = UntrainedNetwork.Create(run);
        long[] own = [.. TiedParameter.Of(network.named_parameters()).Select(tied => tied.First.NumberOfElements)];
        return own.Sum() <= FlatParameters.CountMax ? ((int)own.Sum(), own.Length) : throw new UsageException(
            $"{run.Path}: the network has {own.Sum()} parameters; allowed are at most {FlatParameters.CountMax}");
    }
}
