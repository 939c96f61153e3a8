using System.Net;
using DecentralizedLion.Peer.Cli.Dashboard;
using DecentralizedLion.Peer.Cli.Dashboard.History;
using DecentralizedLion.Peer.Cli.Dashboard.Server;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Cli.Demo;

/// <summary>Runs all peers of a roster on this computer, each in a process of its own.</summary>
sealed class DemoCommandHandler(TimeProvider time) : ICommandHandler<DemoOptions>
{
    public async Task<int> RunAsync(DemoOptions options, CancellationToken stop)
    {
        var run = RunConfig.Read(options.PeersFile, options.Data);
        if (!run.Roster.IsLocal)
            throw new UsageException(
                $"{options.PeersFile}: the demo starts all peers on this computer; allowed are loopback addresses only");
        foreach (var peer in run.Roster.Peers)
            // a child would be refused, too, and less plainly
            new PeerIdentity(run.Path, run.Roster, peer, null).Links(run.Roster);
        var folder = options.Out ?? Path.Combine("runs", run.Training.Run);
        var threads = options.Threads > 0 ? options.Threads : Math.Max(1, Environment.ProcessorCount / run.Roster.Count);
        var launch = ChildLaunch.OfThisProgram();
        DemoPeer[] peers =
        [
            .. run.Roster.Peers.Select(p => new DemoPeer(p.Id, launch.With(Arguments(options, p, folder, threads), threads),
                launch.With(Arguments(options with { Fresh = false }, p, folder, threads), threads))),
        ];

        using var output = LenientOutput.OfConsole();
        if (run.Roster.IgnoresKeys())
            output.WriteLine($"note: {RunConfig.KeysIgnored}");
        await using var page = options.Dashboard is null ? null : await DashboardPage.OpenAsync(
            new RunDescription(run.Training.Run, DisplayFactory.Title(run), [.. run.Roster.Peers.Select(p => p.Id)], folder),
            options.Dashboard, options.DashboardToken, ("--dashboard", "--dashboard-token"), output, time);
        var status = new RunStatus(run.Roster.Peers.Select(p => p.Id), time);
        var display = DisplayFactory.Create(DisplayFactory.Title(run), status, options.Plain, output, time);
        using var signal = StopSignal.OfTerminal(time, stop);
        var demo = new DemoRun(peers, status, display, output, time)
        {
            RestartAfter = options.NoRestart ? null : TimeSpan.FromSeconds(1),
            Faults = options.FaultReport ? new FaultReport { ThisStartOf = folder } : null,
        };
        return await demo.Run(signal.Token);
    }

    /// <summary>The command line of one of its peers.</summary>
    internal static List<string> Arguments(DemoOptions options, RosterEntry peer, string folder, int threads)
    {
        List<string> arguments =
        [
            "run", "--child", "--peers", options.PeersFile, "--id", peer.Id, "--device", options.Device,
            "--out", Path.Combine(folder, peer.Id), "--threads", $"{threads}",
        ];
        if (options.TensorBoard is { } board)
            arguments.AddRange(["--tensorboard", Path.Combine(board, peer.Id)]);
        if (MetricsOf(options, peer.Index) is { } metrics)
            arguments.AddRange(["--metrics", $"{metrics}"]);
        if (options is { DashboardToken: { } token, Metrics: not null }) // the page is this process's
            arguments.AddRange(["--dashboard-token", token]);
        if (options.Data is { } data)
            arguments.AddRange(["--data", data]);
        if (options.Fresh)
            arguments.Add("--fresh");
        return arguments;
    }

    /// <summary>The address of a peer's metrics: the ports follow each other.</summary>
    static IPEndPoint? MetricsOf(DemoOptions options, int peer)
    {
        if (options.Metrics is null)
            return null;
        var listen = ListenAddress.Parse(options.Metrics, "--metrics");
        if (!listen.IsLoopback && options.DashboardToken is null)
            throw new UsageException($"--metrics: found \"{options.Metrics}\" without --dashboard-token; of a demo, allowed is a "
                + "loopback address, or a token that all peers ask for");
        if (listen.EndPoint.Port + peer > IPEndPoint.MaxPort)
            throw new UsageException($"--metrics: found \"{options.Metrics}\"; each peer needs a port of its own, from this "
                + $"one to {IPEndPoint.MaxPort}");
        return new IPEndPoint(listen.EndPoint.Address, listen.EndPoint.Port + peer);
    }
}
