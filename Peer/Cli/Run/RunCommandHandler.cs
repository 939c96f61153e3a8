using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Cli.Options;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Diagnostics;
using TorchSharp;

namespace DecentralizedLion.Peer.Cli.Run;

/// <summary>Runs this host's peer until the run's last step.</summary>
sealed class RunCommandHandler(TimeProvider time) : ICommandHandler<RunOptions>
{
    public async Task<int> RunAsync(RunOptions options, CancellationToken stop)
    {
        var run = RunConfig.Read(options.PeersFile, options.Data);
        var self = PeerId.Resolve(run.Roster, options.Id, Environment.MachineName, Environment.GetEnvironmentVariable);
        Check(run, options);
        if (options.Threads > 0)
            torch.set_num_threads(options.Threads);
        using var signal = options.Child ? StopSignal.OfParent(time, Console.In, stop) : StopSignal.OfTerminal(time, stop);
        var folder = options.Out ?? Path.Combine("runs", run.Training.Run, self.Id);
        using var output = LenientOutput.OfConsole();
        await using var reporting = await RunReporting.OpenAsync(run, options, self.Id, folder, output, time);
        try
        {
            return await TrainAsync(run, options, self.Id, folder, reporting, signal.Token);
        }
        catch (Exception e)
        {
            reporting.LogFailure(e);
            throw;
        }
    }

    async Task<int> TrainAsync(RunConfig run, RunOptions options, string self, string folder, RunReporting reporting,
        CancellationToken stop)
    {
        try
        {
            using var data = run.OpenData(new DataCheckOptions
            {
                File = Path.Combine(folder, DataCheckOptions.FileName),
                Report = text => reporting.Report(new Note(text)),
                Time = time,
            });
            using var network = RunModel.CreateNetwork(run, data, options.Device);
            await using var ring = await RingClient.JoinAsync(options.PeersFile, self, new PeerOptions
            {
                Folder = folder,
                KeyFile = options.Key,
                Fresh = options.Fresh,
                Bootstrap = options.Bootstrap,
                OwnFields = RunConfig.TrainingFields,
                Settings = run.Fields(data).ToDictionary(field => field.Name, field => field.Value),
                OnEvent = reporting.Report,
                Profile = options.Profile,
                OverlapsCopy = true,
            }, stop);
            using var leaving = options.Child ? default : stop.Register(() => Task.Run(() => ReportLeaving(ring)));
            reporting.SuperviseBy(ring.PingAsync, stop);
            foreach (var note in data.Notes)
                ring.Record(new Note(note));
            new TrainingRun(run, options, ring, time).Train(data, network, stop);
            await reporting.FlushAsync();
            return ExitCode.Done;
        }
        catch (NonFiniteGradientException)
        {
            return ExitCode.Failed; // it was reported as it happened
        }
        catch (IOException e) when (DiskFault.IsNamed(e))
        {
            throw new IOException($"{e.Message}. This peer stops; the others continue. Repair that and start it again: it "
                + "continues from its checkpoint and its journal", e);
        }
    }

    static void ReportLeaving(RingClient ring)
    {
        try
        {
            ring.Record(new Note("leaving in order, as asked; this may take some seconds. Ctrl-C now ends this peer at once, "
                + $"with exit code {ExitCode.Interrupted}"));
        }
        catch (Exception e) when (e is IOException or RingException or ObjectDisposedException)
        {
            // The ring has ended meanwhile, or the training thread meets the same fault and ends by it.
        }
    }

    static void Check(RunConfig run, RunOptions options)
    {
        if (run.Roster.Insecure && options.Key is not null)
            throw new UsageException($"--key: found \"{options.Key}\"; it has no effect because peers.json has \"insecure\": "
                + "true. Leave one of the two out");
        if (FileHandles.Shortage(run.Roster.Count) is { } shortage)
            throw new UsageException(shortage);
    }
}
