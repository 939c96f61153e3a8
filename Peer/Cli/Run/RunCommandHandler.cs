using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Cli.Options;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology.Diagnostics;

namespace DecentralizedLion.Peer.Cli.Run;

/// <summary>Runs this host's peer until the run's last step.</summary>
sealed class RunCommandHandler(TimeProvider time) : ICommandHandler<RunOptions>
{
    public Task<int> RunAsync(RunOptions options, CancellationToken stop)
    {
        var run = RunConfig.Read(options.PeersFile, options.Data);
        var self = PeerId.Resolve(run.Roster, options.Id, Environment.MachineName, Environment.GetEnvironmentVariable);
        if (run.Roster.Insecure && options.Key is not null)
            throw new UsageException($"--key: found \"{options.Key}\"; allowed is none with a roster that is \"insecure\": true: "
                + "nothing would be encrypted");
        if (FileHandles.Shortage(run.Roster.Count) is { } shortage)
            throw new UsageException(shortage);
        var identity = new PeerIdentity(run, self, options.Key);
        var links = identity.Links(run); // before anything is touched: it may be refused
        var folder = options.Out ?? Path.Combine("runs", run.Training.Run, self.Id);
        using var only = new FolderLock(folder);
        var metricsFile = Path.Combine(folder, MetricsFolder.FileName);
        if (options.Fresh)
            Clear(folder, metricsFile);
        var session = SessionOf(options, folder, ReportedProgress.Step(metricsFile));
        using var metrics = new MetricsFile(metricsFile);
        using var signal = options.Child ? StopSignal.OfParent(time, Console.In, stop) : StopSignal.OfTerminal(time, stop);
        var status = new RunStatus([self.Id], time);
        var title = $"{self.Id} of {DisplayFactory.Title(run)}";
        using var display = options.Child ? null : DisplayFactory.Create(title, status, options.Plain, time);
        var faults = options.FaultReport ? new FaultReport { ThisStartOf = folder } : null;
        var reporter = new EventReporter(self.Id, metrics, metricsFile, status, display, faults);
        try
        {
            var succeeded = new TrainingSession(run, self, identity, links, session, time, reporter.Report).Run(signal.Token);
            return Task.FromResult(succeeded ? ExitCode.Done : ExitCode.Failed);
        }
        finally
        {
            display?.Dispose(); // the table's last words come before the report
            faults?.Write(Console.Out);
        }
    }

    static void Clear(string folder, string metricsFile)
    {
        new CheckpointFolder(folder).Clear();
        StepJournal.Clear(folder);
        new ViewStore(folder).Clear();
        File.Delete(metricsFile);
    }

    static SessionOptions SessionOf(RunOptions options, string folder, long reported) => new()
    {
        Folder = folder,
        Device = options.Device,
        Threads = options.Threads,
        Data = options.Data,
        Bootstrap = options.Bootstrap,
        Slow = options.Slow,
        OmitsKeysNote = options.Child, // the demo says it once
        Reported = reported,
    };
}
