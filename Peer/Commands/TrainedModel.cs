using DecentralizedLion.Models;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Networks;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Configuration;
using TorchSharp;

namespace DecentralizedLion.Peer.Commands;

/// <summary>The network and data of a peers.json, with the weights of a checkpoint.</summary>
public sealed class TrainedModel : IDisposable
{
    /// <summary>Samples at once where no gradient is needed.</summary>
    public const int EvaluationBatch = 250;

    TrainedModel(RunConfig run, IDataset data, FlatModel model, string file)
        => (Run, Data, Model, File) = (run, data, model, file);

    public RunConfig Run { get; }
    public IDataset Data { get; }
    public FlatModel Model { get; }

    /// <summary>The checkpoint.</summary>
    public string File { get; }

    public static TrainedModel Load(ModelOptions options)
    {
        var run = RunConfig.Read(options.PeersFile, options.Data);
        var file = Find(options.Checkpoint ?? Path.Combine("runs", run.Training.Run));
        var data = run.OpenData();
        try
        {
            if (options.Threads > 0)
                torch.set_num_threads(options.Threads);
            var model = NewModel(run, data, options.Device);
            Checkpoint.ReadWeights(file, Tensors(model), model.Weights);
            model.CopyWeightsToDevice();
            return new TrainedModel(run, data, model, file);
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>The run's network with initial weights by the run's seed.</summary>
    public static FlatModel NewModel(RunConfig run, IDataset data, string device)
    {
        CheckDevice(device);
        torch.manual_seed(unchecked((long)run.Training.Seed));
        try
        {
            return new FlatModel(NetworkFactory.Create(run.Model, data.SampleShape, data.Classes), torch.device(device));
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"{run.Path}: {e.Message}");
        }
    }

    /// <exception cref="UsageException">There is no such device.</exception>
    public static void CheckDevice(string device)
    {
        if (device != "cpu" && !torch.cuda.is_available())
            throw new UsageException($"--device: found \"{device}\", but this libtorch sees no CUDA device; allowed is cpu");
    }

    /// <summary>The model's parameters as a checkpoint names them.</summary>
    public static TensorDeclaration[] Tensors(FlatModel model) =>
        [.. model.Layout.Select(p => new TensorDeclaration(p.Name, TensorType.F32, p.Shape))];

    public void Dispose()
    {
        Model.Dispose();
        Data.Dispose();
    }

    /// <summary>The file itself, or the newest checkpoint in a folder or in its peers' folders.</summary>
    internal static string Find(string path)
    {
        if (System.IO.File.Exists(path))
            return path;
        if (!Directory.Exists(path))
            throw new UsageException($"--checkpoint: found \"{path}\", which is neither a file nor a folder");
        return Directory.EnumerateDirectories(path, "*", SearchOption.AllDirectories).Append(path)
            .Select(folder => new CheckpointFolder(folder))
            .SelectMany(checkpoints => checkpoints.Steps().Select(step => (Step: step, File: checkpoints.Shared(step))))
            .OrderByDescending(c => c.Step).ThenBy(c => c.File, StringComparer.Ordinal).Select(c => c.File).FirstOrDefault()
            ?? throw new UsageException($"--checkpoint: found \"{path}\", in which there is no step-*.safetensors");
    }
}
