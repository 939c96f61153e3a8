using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Cli.Dashboard;
using DecentralizedLion.Peer.Cli.Dashboard.History;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Cli.Options;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Training;
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
        if (run.Roster.Insecure && options.Key is not null)
            throw new UsageException($"--key: found \"{options.Key}\"; it has no effect because peers.json has \"insecure\": "
                + "true. Leave one of the two out");
        if (FileHandles.Shortage(run.Roster.Count) is { } shortage)
            throw new UsageException(shortage);
        if (options.Threads > 0)
            torch.set_num_threads(options.Threads);
        using var signal = options.Child ? StopSignal.OfParent(time, Console.In, stop) : StopSignal.OfTerminal(time, stop);
        var status = new RunStatus([self.Id], time);
        var folder = options.Out ?? Path.Combine("runs", run.Training.Run, self.Id);
        using var output = LenientOutput.OfConsole();
        await using var page = options.Dashboard is null ? null : await DashboardPage.OpenAsync(
            new RunDescription(run.Training.Run, DisplayFactory.Title(run), [.. run.Roster.Peers.Select(p => p.Id)], folder),
            options.Dashboard, options.DashboardToken, ("--dashboard", "--dashboard-token"), output, time);
        using var display = options.Child
            ? null : DisplayFactory.Create($"{self.Id} of {DisplayFactory.Title(run)}", status, options.Plain, output, time);
        var faults = options.FaultReport ? new FaultReport { ThisStartOf = folder } : null;
        try
        {
            var reporter = new EventReporter(self.Id, status, display, output, faults);
            using var data = run.OpenData(new DataCheckOptions
            {
                File = Path.Combine(folder, DataCheckOptions.FileName),
                Report = text => reporter.Report(new Note(text)),
                Time = time,
            });
            using var network = RunModel.CreateNetwork(run, data, options.Device);
            await using var ring = await RingClient.JoinAsync(options.PeersFile, self.Id, new PeerOptions
            {
                Folder = folder,
                KeyFile = options.Key,
                Fresh = options.Fresh,
                Bootstrap = options.Bootstrap,
                OwnFields = RunConfig.TrainingFields,
                Settings = run.Fields(data).ToDictionary(field => field.Name, field => field.Value),
                OnEvent = reporter.Report,
            }, signal.Token);
            foreach (var note in data.Notes)
                ring.Record(new Note(note));
            new TrainingRun(run, options, ring, time).Train(data, network, signal.Token);
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
        finally
        {
            display?.Dispose(); // the table's last words come before the report
            faults?.Write(output);
        }
    }
}
