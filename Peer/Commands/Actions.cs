using DecentralizedLion.Peer.Demo;
using DecentralizedLion.Peer.Display;
using DecentralizedLion.Peer.Settings;
using DecentralizedLion.Topology;
using Spectre.Console;

namespace DecentralizedLion.Peer.Commands;

/// <summary>The commands themselves.</summary>
public sealed class Actions(TimeProvider time) : IActions
{
    private static readonly TimeSpan _betweenLines = TimeSpan.FromSeconds(5);

    public Task<int> Run(HostOptions options)
    {
        var run = RunFile.Read(options.PeersFile, options.Data);
        var self = PeerId.Resolve(run.Roster, options.Id, Environment.MachineName, Environment.GetEnvironmentVariable);
        throw new UsageException($"{self.Id}: the ring is not there yet");
    }

    public async Task<int> Demo(DemoOptions options)
    {
        var run = RunFile.Read(options.PeersFile, options.Data);
        if (!run.Roster.IsLocal)
            throw new UsageException(
                $"{options.PeersFile}: the demo starts all peers on this computer; allowed are loopback addresses only");
        var folder = options.Out ?? Path.Combine("runs", run.Training.Run);
        var threads = options.Threads > 0 ? options.Threads : Math.Max(1, Environment.ProcessorCount / run.Roster.Count);
        var launch = ChildLaunch.OfThisProgram();
        var peers = run.Roster.Peers.Select(p => (p.Id, launch.With(Arguments(options, p, folder, threads), threads))).ToArray();

        var board = new Board(run.Roster.Peers.Select(p => p.Id), time);
        var title = $"{run.Training.Run}: {run.Model.Kind} on {run.Data.Kind}, "
            + $"{run.Training.Method} by {run.Roster.Count} peers, {run.Training.Exchange}";
        var terminal = !options.Plain && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;
        if (!terminal)
            Console.WriteLine(title);
        IDisplay display = terminal
            ? new TableDisplay(AnsiConsole.Console, title, board) : new PlainDisplay(Console.Out, time, _betweenLines);
        using var stop = StopSignal.OfTerminal(time);
        return await new DemoRun(peers, board, display, Console.Out, time).Run(stop.Token);
    }

    public Task<int> Evaluate(EvaluateOptions options)
    {
        using var trained = TrainedModel.Load(options);
        var samples = options.Samples == 0 ? trained.Data.Test.Count : options.Samples;
        var result = trained.Model.Evaluate(trained.Data.Test, samples, TrainedModel.EvaluationBatch);
        Console.WriteLine($"{trained.File}");
        Console.WriteLine($"test accuracy  {Show.Percent(result.Accuracy)}");
        Console.WriteLine($"test loss      {Show.Number(result.Loss)} nats");
        Console.WriteLine($"samples        {result.Samples}");
        return Task.FromResult(ExitCode.Done);
    }

    public Task<int> Generate(GenerateOptions options)
    {
        Writer.Write(options, Console.OpenStandardOutput());
        return Task.FromResult(ExitCode.Done);
    }

    private static List<string> Arguments(DemoOptions options, RosterEntry peer, string folder, int threads)
    {
        List<string> arguments =
        [
            "run", "--child", "--peers", options.PeersFile, "--id", peer.Id, "--device", options.Device,
            "--out", Path.Combine(folder, peer.Id), "--threads", $"{threads}",
        ];
        if (options.Data is { } data)
            arguments.AddRange(["--data", data]);
        if (!options.Resume)
            arguments.Add("--fresh");
        return arguments;
    }
}
