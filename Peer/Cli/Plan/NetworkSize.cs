using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Networks;
using DecentralizedLion.Peer.Configuration;

namespace DecentralizedLion.Peer.Cli.Plan;

/// <summary>Counts a network's parameters without its data at hand.</summary>
static class NetworkSize
{
    /// <summary>Parameters and tensors of a run's network.</summary>
    /// <exception cref="UsageException">There is no such network for such data.</exception>
    public static (int Parameters, int Tensors) Of(RunConfig run)
    {
        var (shape, classes) = Data(run.Data);
        try
        {
            using var network = NetworkFactory.Create(run.Model, shape, classes);
            var sizes = network.parameters().Select(parameter => parameter.NumberOfElements).ToArray();
            return (checked((int)sizes.Sum()), sizes.Length);
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            throw new UsageException($"{run.Path}: {e.Message}");
        }
    }

    static (long[] Shape, int Classes) Data(DataSettings data)
    {
        switch (data.Kind)
        {
            case "glyphs":
                using (var glyphs = data.Open())
                    return (glyphs.SampleShape, glyphs.Classes);
            case "cifar10":
                return ([3, 32, 32], 10);
            case "text":
                return ([data.Context], 256);
            case "tokens":
                return ([data.Context], data.Vocabulary);
            default:
                return ([1, 28, 28], 10);
        }
    }
}
