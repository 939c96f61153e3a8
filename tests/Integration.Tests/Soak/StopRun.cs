using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Integration.Tests.Soak;

/// <summary>A ring that is stopped by signals and started again and again: all peers end at one step with one digest.</summary>
static class StopRun
{
    const string Settings = """{ "steps": 1000000, "checkpointEvery": 200 }""";

    /// <summary>From the first signal of a stop to the last.</summary>
    static readonly TimeSpan apart = TimeSpan.FromSeconds(1);

    static readonly (string Name, int Number)[] signals =
    [
        ("SIGHUP", PeerProcess.HangUp), ("SIGINT", PeerProcess.Interrupt), ("SIGTERM", PeerProcess.Terminate),
        ("SIGUSR1", PeerProcess.User1), ("SIGUSR2", PeerProcess.User2),
    ];

    /// <summary>
    /// Those that this process does not ignore, as one that was started by nohup does: its children ignore them, too.
    /// </summary>
    static IEnumerable<(string Name, int Number)> Heard()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        var ignored = Convert.ToUInt64(line[7..].Trim(), 16);
        return signals.Where(signal => (ignored >> (signal.Number - 1) & 1) == 0);
    }

    public static async Task<int> Run(StopOptions options, TextWriter output)
    {
        using var place = new TestCluster(options.Peers, Settings);
        try
        {
            await Run(place, options, output.WriteLine);
            output.WriteLine($"result      {options.Count} stops of {options.Peers} processes: one step, one digest each time");
            return 0;
        }
        catch (Xunit.Sdk.XunitException e)
        {
            output.WriteLine(e.Message);
            output.WriteLine("result      FAILED");
            return 1;
        }
    }

    /// <summary>Stops and starts all peers of a place.</summary>
    /// <exception cref="Xunit.Sdk.XunitException">They ended at different steps, with different digests, or not in
    /// order.</exception>
    public static async Task Run(TestCluster place, StopOptions options, Action<string> tell)
    {
        var random = new Random(options.Seed);
        (string Name, int Number)[] heard = [.. Heard()];
        for (var stop = 1; stop <= options.Count; stop++)
        {
            PeerProcess[] running = [.. place.Names.Select(place.OwnPeer)];
            var ends = place.Names.ToDictionary(name => name, name => Ends(place, name).Length);
            var before = place.Names.Max(place.Newest);
            foreach (var name in place.Names)
                await UntilStep(place, running, name, Math.Max(before, 0) + 1 + random.Next(40));
            var first = random.Next(heard.Length);
            int[] order = [.. Enumerable.Range(0, running.Length).OrderBy(_ => random.Next())];
            double[] moments = [0, .. Enumerable.Range(1, running.Length - 1).Select(_ => random.NextDouble()).Order()];
            var said = new List<string>();
            for (var at = 0; at < order.Length; at++)
            {
                await Task.Delay(apart * (at == 0 ? random.NextDouble() : moments[at] - moments[at - 1]), TimeProvider.System);
                var (name, number) = heard[(first + at) % heard.Length];
                running[order[at]].Signal(number);
                said.Add(FormattableString.Invariant($"{moments[at]:F2} s {name} to {place.Names[order[at]]}"));
            }
            foreach (var process in running)
                await process.Exits(0);
            var last = place.Names.Select(name => Ends(place, name)[ends[name]..].Single()).ToArray();
            var text = string.Join(", ", place.Names.Zip(last, (name, end) => $"{name} {end.Step} {end.Digest[..12]}"));
            Assert.All(last, end => Assert.Equal(Ended.Left, end.Reason));
            Assert.True(last.Select(end => (end.Step, end.Digest)).Distinct().Count() == 1,
                $"stop {stop} ({string.Join(", ", said)}): {text}");
            tell($"stop {stop,3}    step {last[0].Step}, {last[0].Digest[..12]}: {string.Join(", ", said)}");
        }
    }

    /// <summary>Waits until a peer has written that it applied a step.</summary>
    static async Task UntilStep(TestCluster place, PeerProcess[] running, string name, long step)
    {
        var process = running.Single(process => process.Name == name);
        var file = Path.Combine(place.FolderOf(name), "metrics.jsonl");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!File.Exists(file) || !place.Metrics(name).OfType<Stepped>().Any(told => told.Step >= step))
        {
            Assert.False(process.HasEnded || limit.IsCancellationRequested,
                $"{name} does not come to step {step}:\n{process.Text}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    static Ended[] Ends(TestCluster place, string name) =>
        File.Exists(Path.Combine(place.FolderOf(name), "metrics.jsonl")) ? [.. place.Metrics(name).OfType<Ended>()] : [];
}
