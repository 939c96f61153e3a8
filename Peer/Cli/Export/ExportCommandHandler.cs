using DecentralizedLion.Models.Networks;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Configuration;

namespace DecentralizedLion.Peer.Cli.Export;

/// <summary>Writes trained weights to files that PyTorch reads.</summary>
sealed class ExportCommandHandler(TextWriter output) : ICommandHandler<ExportOptions>
{
    public Task<int> RunAsync(ExportOptions options, CancellationToken stop)
    {
        var run = RunConfig.Read(options.PeersFile, "."); // where the data lie does not matter here
        if (options.TorchScript is not null && run.Model is not TorchScriptSettings)
            throw new UsageException($"--torchscript: {options.PeersFile} has model.kind \"{run.Model.Kind}\"; allowed is "
                + "torchscript, whose file has the network's code. --safetensors goes with every kind");
        OutputFile.Check("--safetensors", options.Safetensors, options.Force);
        OutputFile.Check("--torchscript", options.TorchScript, options.Force);
        var checkpoint = TrainedModel.Find(options.Checkpoint ?? Path.Combine("runs", run.Training.Run));
        RefuseInput("--safetensors", options.Safetensors, checkpoint);
        RefuseInput("--torchscript", options.TorchScript, checkpoint);
        using var network = UntrainedNetwork.Create(run);
        var trained = TrainedWeights.Read(checkpoint, network);
        var files = new List<string>();
        if (options.Safetensors is { } safetensors)
        {
            trained.WriteSafetensors(safetensors);
            files.Add(safetensors);
        }
        if (options.TorchScript is { } torchScript)
        {
            trained.WriteTorchScript(torchScript, (TorchScriptNetwork)network);
            files.Add(torchScript);
        }
        var report = new ExportReport(checkpoint, trained.Step, trained.Count, files);
        if (options.Json)
            JsonReport.Write(report, output);
        else
            report.Write(output);
        return Task.FromResult(ExitCode.Done);
    }

    /// <summary>A checkpoint has more than weights: what is written must not replace it or another one, whatever --force
    /// says.</summary>
    static void RefuseInput(string option, string? path, string checkpoint)
    {
        if (path is null || !File.Exists(path))
            return;
        var full = Path.GetFullPath(path);
        if (full == Path.GetFullPath(checkpoint))
            throw new UsageException($"{option}: found \"{path}\", the checkpoint that is exported; name another file");
        if (CheckpointFolder.IsName(Path.GetFileName(full))
            && File.Exists(Path.Combine(Path.GetDirectoryName(full)!, FolderLock.FileName)))
            throw new UsageException($"{option}: found \"{path}\", a checkpoint in a peer's folder, from which the peer "
                + "continues; name another file");
    }
}
