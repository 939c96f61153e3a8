using DecentralizedLion.Models.Networks;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Configuration;

namespace DecentralizedLion.Peer.Cli.Export;

/// <summary>Writes trained weights to files that PyTorch reads.</summary>
sealed class ExportCommandHandler : ICommandHandler<ExportOptions>
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
        using var network = UntrainedNetwork.Create(run);
        var trained = TrainedWeights.Read(checkpoint, network);
        Console.WriteLine(checkpoint);
        if (options.Safetensors is { } safetensors)
        {
            trained.WriteSafetensors(safetensors);
            Wrote(safetensors);
        }
        if (options.TorchScript is { } torchScript)
        {
            trained.WriteTorchScript(torchScript, (TorchScriptNetwork)network);
            Wrote(torchScript);
        }
        return Task.FromResult(ExitCode.Done);

        void Wrote(string file) =>
            Console.WriteLine($"wrote {file}: step {trained.Step}, {Format.Count(trained.Count)} parameters");
    }
}
