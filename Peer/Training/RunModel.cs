using DecentralizedLion.Models;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Networks;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Topology.Configuration;
using TorchSharp;

namespace DecentralizedLion.Peer.Training;

/// <summary>The network of a peers.json.</summary>
static class RunModel
{
    // libtorch has one generator for all threads: a draw between another thread's seed and its weights would change them.
    static readonly Lock oneSeed = new();

    /// <summary>Samples at once where no gradient is needed.</summary>
    public const int EvaluationBatch = 250;

    /// <summary>Makes the run's network as flat vectors.</summary>
    /// <exception cref="DeviceException">There is no such device.</exception>
    /// <exception cref="SettingsException">There is no such network for such data.</exception>
    public static FlatModel Create(RunConfig run, IDataset data, string device) =>
        new(CreateNetwork(run, data, device), torch.device(device));

    /// <summary>Makes the run's network, in host memory, with its initial weights: those it starts from, else those of its file,
    /// else random ones by the run's seed.</summary>
    /// <exception cref="DeviceException">There is no such device.</exception>
    /// <exception cref="SettingsException">There is no such network for such data.</exception>
    /// <exception cref="CheckpointException">The weights to start from cannot be read, or are no such network's.</exception>
    public static torch.nn.Module<torch.Tensor, torch.Tensor> CreateNetwork(RunConfig run, IDataset data, string device)
    {
        CheckDevice(device);
        CheckMemory(run, data, device);
        try
        {
            return CreateNetwork(run.Model, run.Start, run.Training.Seed, data);
        }
        catch (ArgumentException e)
        {
            throw new SettingsException(run.Path, "", e.Message, e);
        }
    }

    /// <summary>Makes a network with its initial weights; threads that make some at once wait for each other.</summary>
    /// <exception cref="ArgumentException">There is no such network for such data.</exception>
    /// <exception cref="CheckpointException">The weights to start from cannot be read, or are no such network's.</exception>
    public static torch.nn.Module<torch.Tensor, torch.Tensor> CreateNetwork(NetworkSettings model, StartSettings? start,
        ulong seed, IDataset data)
    {
        lock (oneSeed)
        {
            torch.manual_seed(unchecked((long)seed));
            var network = NetworkFactory.Create(model, data.SampleShape, data.Classes);
            if (start is not null)
                StartWeights.Apply(start, network);
            return network;
        }
    }

    /// <summary>Refuses a network that cannot be in this host's memory, before it is made.</summary>
    static void CheckMemory(RunConfig run, IDataset data, string device)
    {
        if (device != "cpu")
            return;
        NetworkSize? size;
        try
        {
            size = NetworkFactory.Size(run.Model, data.SampleShape, data.Classes);
        }
        catch (ArgumentException e)
        {
            throw new SettingsException(run.Path, "", e.Message, e);
        }
        if (MemoryShortage.Of(size, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) is { } shortage)
            throw new SettingsException(run.Path, "model", shortage);
    }

    /// <exception cref="DeviceException">There is no such device.</exception>
    public static void CheckDevice(string device)
    {
        if (device != "cpu" && !torch.cuda.is_available())
            throw new DeviceException(device);
    }

    /// <summary>The model's parameters as a checkpoint names them.</summary>
    public static TensorDeclaration[] Tensors(FlatModel model) =>
        TensorDeclaration.Of(model.Layout);
}
