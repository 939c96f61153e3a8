using DecentralizedLion.Models;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Cli.Options;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Training;
using TorchSharp;

namespace DecentralizedLion.Peer.Cli;

/// <summary>The network and data of a peers.json, with the weights of a checkpoint.</summary>
sealed class TrainedModel : IDisposable
{
    TrainedModel(RunConfig run, IDataset data, FlatModel model, string file)
        => (Run, Data, Model, File) = (run, data, model, file);

    public RunConfig Run { get; }
    public IDataset Data { get; }
    public FlatModel Model { get; }

    /// <summary>The checkpoint.</summary>
    public string File { get; }

    public static TrainedModel Load(ModelOptions options)
    {
        // What training started from does not matter any more, and need not be on this host.
        var run = RunConfig.Read(options.PeersFile, options.Data) with { Start = null };
        var file = Find(options.Checkpoint ?? Path.Combine("runs", run.Training.Run));
        var data = run.OpenData(new DataCheckOptions { Report = Console.Error.WriteLine });
        try
        {
            if (options.Threads > 0)
                torch.set_num_threads(options.Threads);
            var model = RunModel.Create(run, data, options.Device);
            Checkpoint.ReadNetwork(file, RunModel.Tensors(model), model.Weights, model.Buffers);
            model.CopyWeightsToDevice();
            return new TrainedModel(run, data, model, file);
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

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
