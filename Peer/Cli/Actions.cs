using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Cli.Compare;
using DecentralizedLion.Peer.Cli.Demo;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Cli.Doctor;
using DecentralizedLion.Peer.Cli.Evaluate;
using DecentralizedLion.Peer.Cli.Faults;
using DecentralizedLion.Peer.Cli.Generate;
using DecentralizedLion.Peer.Cli.Keygen;
using DecentralizedLion.Peer.Cli.Options;
using DecentralizedLion.Peer.Cli.Plan;
using DecentralizedLion.Peer.Cli.Run;
using DecentralizedLion.Peer.Cli.Simulate;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Diagnostics;
using DecentralizedLion.Topology.Security;
using Spectre.Console;

namespace DecentralizedLion.Peer.Cli;

/// <summary>The commands themselves.</summary>
public sealed class Actions(TimeProvider time) : IActions
{
    static readonly TimeSpan betweenLines = TimeSpan.FromSeconds(5);

    public Task<int> Run(RunOptions options)
    {
        var run = RunConfig.Read(options.PeersFile, options.Data);
        var self = PeerId.Resolve(run.Roster, options.Id, Environment.MachineName, Environment.GetEnvironmentVariable);
        if (run.Roster.Insecure && options.Key is not null)
            throw new UsageException($"--key: found \"{options.Key}\"; allowed is none with a roster that is \"insecure\": true: nothing would be encrypted");
        if (FileHandles.Shortage(run.Roster.Count) is { } shortage)
            throw new UsageException(shortage);
        var identity = new PeerIdentity(run, self, options.Key);
        var links = identity.Links(run); // before anything is touched: it may be refused
        var folder = options.Out ?? Path.Combine("runs", run.Training.Run, self.Id);
        using var only = new FolderLock(folder);
        var metricsFile = Path.Combine(folder, MetricsFolder.FileName);
        if (options.Fresh)
        {
            new CheckpointFolder(folder).Clear();
            StepJournal.Clear(folder);
            new ViewStore(folder).Clear();
            File.Delete(metricsFile);
        }
        var session = new SessionOptions
        {
            Folder = folder,
            Device = options.Device,
            Threads = options.Threads,
            Data = options.Data,
            Bootstrap = options.Bootstrap,
            Slow = options.Slow,
            OmitsKeysNote = options.Child, // the demo says it once
            Reported = ReportedProgress.Step(metricsFile),
        };
        using var metrics = new MetricsFile(metricsFile);
        using var stop = options.Child ? StopSignal.OfParent(time, Console.In) : StopSignal.OfTerminal(time);
        var status = new RunStatus([self.Id], time);
        using var display = options.Child ? null : DisplayOf($"{self.Id} of {Title(run)}", status, options.Plain);
        var faults = options.FaultReport ? new FaultReport { ThisStartOf = folder } : null;
        var one = new Lock();
        IOException? unwritable = null;
        var training = Environment.CurrentManagedThreadId;
        try
        {
            return Task.FromResult(new TrainingSession(run, self, identity, links, session, time, Tell).Run(stop.Token) ? ExitCode.Done : ExitCode.Failed);
        }
        finally
        {
            display?.Dispose(); // the table's last words come before the report
            faults?.Write(Console.Out);
        }

        // Events come from the training thread and from the ring's.
        void Tell(PeerEvent happened)
        {
            lock (one)
            {
                // The ring's thread must go on answering others; the training thread stops at its next event.
                if (unwritable is not null && Environment.CurrentManagedThreadId == training)
                    throw unwritable;
                try
                {
                    metrics.Write(happened);
                    status.Apply(self.Id, happened);
                    faults?.Add(self.Id, happened);
                    if (display is null)
                        Console.WriteLine(EventLine.Write(happened));
                    else
                        display.Updated(status, self.Id, happened);
                }
                catch (IOException e)
                {
                    unwritable ??= new IOException($"events cannot be written ({metricsFile}, or the standard output): {e.Message}", e);
                    if (Environment.CurrentManagedThreadId == training)
                        throw unwritable;
                }
            }
        }
    }

    public async Task<int> Demo(DemoOptions options)
    {
        var run = RunConfig.Read(options.PeersFile, options.Data);
        if (!run.Roster.IsLocal)
            throw new UsageException(
                $"{options.PeersFile}: the demo starts all peers on this computer; allowed are loopback addresses only");
        foreach (var peer in run.Roster.Peers)
            new PeerIdentity(run, peer, null).Links(run); // a child would be refused, too, and less plainly
        var folder = options.Out ?? Path.Combine("runs", run.Training.Run);
        var threads = options.Threads > 0 ? options.Threads : Math.Max(1, Environment.ProcessorCount / run.Roster.Count);
        var launch = ChildLaunch.OfThisProgram();
        DemoPeer[] peers =
        [
            .. run.Roster.Peers.Select(p => new DemoPeer(p.Id, launch.With(Arguments(options, p, folder, threads), threads),
                launch.With(Arguments(options with { Fresh = false }, p, folder, threads), threads))),
        ];

        if (run.IgnoresKeys())
            Console.WriteLine($"note: {RunConfig.KeysIgnored}");
        var status = new RunStatus(run.Roster.Peers.Select(p => p.Id), time);
        var display = DisplayOf(Title(run), status, options.Plain);
        using var stop = StopSignal.OfTerminal(time);
        var demo = new DemoRun(peers, status, display, Console.Out, time)
        {
            RestartAfter = options.NoRestart ? null : TimeSpan.FromSeconds(1),
            Faults = options.FaultReport ? new FaultReport { ThisStartOf = folder } : null,
        };
        return await demo.Run(stop.Token);
    }

    public Task<int> Keygen(KeygenOptions options)
    {
        string[] ids = options.Ids.Count > 0 ? [.. options.Ids] : [Environment.MachineName.Split('.')[0]];
        foreach (var id in ids)
        {
            if (RosterIds.Missing(options.PeersFile, id) is { } missing)
                Console.Error.WriteLine($"warning: {missing}; the key is made all the same");
            using var key = PeerKeyPair.Create();
            var file = options.Key ?? KeyFile.PathFor(options.PeersFile, id);
            KeyFile.Write(file, key, options.Replace);
            Console.WriteLine($"{file}: the secret key of {id}. It stays on that peer's host, readable by nobody else.");
            Console.WriteLine($"Into the entry of {id} in peers.json, on all hosts:");
            Console.WriteLine($"  \"key\": \"{key.Public}\"");
        }
        return Task.FromResult(ExitCode.Done);
    }

    public Task<int> Doctor(DoctorOptions options) =>
        new DoctorRun(options, new DoctorReport(Console.Out, options.Json), Environment.MachineName, time).Run();

    public Task<int> Faults(FaultsOptions options)
    {
        var report = new FaultReport();
        foreach (var (peer, happened) in MetricsFolder.Read(options.Folder))
            report.Add(peer, happened);
        report.Write(Console.Out);
        return Task.FromResult(ExitCode.Done);
    }

    public Task<int> Evaluate(EvaluateOptions options)
    {
        using var trained = TrainedModel.Load(options);
        var samples = options.Samples == 0 ? trained.Data.Test.Count : options.Samples;
        var result = trained.Model.Evaluate(trained.Data.Test, samples, RunModel.EvaluationBatch);
        Console.WriteLine($"{trained.File}");
        Console.WriteLine($"test accuracy  {Format.Percent(result.Accuracy)}");
        Console.WriteLine($"test loss      {Format.Number(result.Loss)} nats");
        Console.WriteLine($"samples        {result.Samples}");
        return Task.FromResult(ExitCode.Done);
    }

    public Task<int> Generate(GenerateOptions options)
    {
        TextGenerator.Write(options, Console.OpenStandardOutput());
        return Task.FromResult(ExitCode.Done);
    }

    public Task<int> Simulate(SimulateOptions options)
    {
        using var stop = StopSignal.OfTerminal(time);
        return Task.FromResult(new SeedRuns(options, Console.Out, time).Run(stop.Token));
    }

    public Task<int> Compare(CompareOptions options)
    {
        using var stop = StopSignal.OfTerminal(time);
        return Task.FromResult(new Comparison(options, Console.Out, time).Run(stop.Token));
    }

    public Task<int> Plan(PlanOptions options)
    {
        var plan = CostModel.Of(options);
        if (options.Json)
            PlanText.WriteJson(plan, Console.Out);
        else
            PlanText.Write(plan, Console.Out);
        return Task.FromResult(ExitCode.Done);
    }

    static string Title(RunConfig run) => $"{run.Training.Run}: {run.Model.Kind} on {run.Data.Kind}, "
        + $"{run.Training.Method} by {run.Roster.Count} peers, {run.Training.Exchange}";

    IDisplay DisplayOf(string title, RunStatus status, bool plain)
    {
        if (!plain && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi)
            return new TableDisplay(AnsiConsole.Console, title, status);
        Console.WriteLine(title);
        return new PlainDisplay(Console.Out, time, betweenLines);
    }

    static List<string> Arguments(DemoOptions options, RosterEntry peer, string folder, int threads)
    {
        List<string> arguments =
        [
            "run", "--child", "--peers", options.PeersFile, "--id", peer.Id, "--device", options.Device,
            "--out", Path.Combine(folder, peer.Id), "--threads", $"{threads}",
        ];
        if (options.Data is { } data)
            arguments.AddRange(["--data", data]);
        if (options.Fresh)
            arguments.Add("--fresh");
        return arguments;
    }
}
