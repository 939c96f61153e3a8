using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Networks;
using DecentralizedLion.Peer.Configuration;
using static TorchSharp.torch;

namespace DecentralizedLion.Peer.Cli;

/// <summary>The network of a peers.json without its data at hand.</summary>
static class UntrainedNetwork
{
    /// <summary>Makes it for the samples that data of this kind have, in host memory.</summary>
    /// <exception cref="UsageException">There is no such network for such data.</exception>
    public static nn.Module<Tensor, Tensor> Create(RunConfig run) => Of(run, NetworkFactory.Create);

    /// <summary>Its size, without making it; null where only its file says it.</summary>
    /// <exception cref="UsageException">There is no such network for such data.</exception>
    public static NetworkSize? Size(RunConfig run) => Of(run, NetworkFactory.Size);

    static T Of<T>(RunConfig run, Func<NetworkSettings, long[], int, T> make)
    {
        var (shape, classes) = Data(run.Data);
        try
        {
            return make(run.Model, shape, classes);
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
