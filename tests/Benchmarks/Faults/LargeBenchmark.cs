using System.Diagnostics;
using System.Globalization;
using DecentralizedLion.Benchmarks.Exchange;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Benchmarks.Faults;

/// <summary>
/// The benchmark of a large network: four processes of <c>peer run</c> on loopback train a GPT of GPT-2's size (124 million
/// parameters) on tokens drawn at random. One of them is killed and comes back with its folder, and then without it. It prints
/// memory, the parts of a step, what checkpoints and coming back take, and the others' steps meanwhile.
/// </summary>
static class LargeBenchmark
{
    const int Peers = 4, Back = 3, Vocabulary = 50257, Tokens = 2_000_000;

    public static void Run(Options options, TextWriter output)
    {
        (int width, int depth) = (options.Number("--width", 768), options.Number("--depth", 12));
        (int context, int every) = (options.Number("--context", 64), options.Number("--checkpoint-every", 10));
        bool tells = options.Number("--tell", 0) != 0;
        options.Finish();
        output.WriteLine($"A GPT of width {width} and depth {depth}, {Peers} processes on loopback with TLS, one sample of "
            + $"{context} tokens each; load before {Machine.Load}.");
        string data = WriteTokens();
        try
        {
            using var fleet = new Fleet($$"""
                {
                  "run": "large", "steps": 1000000, "batch": 1, "learningRate": 0.0001, "evaluateEvery": 0,
                  "checkpointEvery": {{every}},
                  "model": { "kind": "gpt", "context": {{context}}, "width": {{width}}, "depth": {{depth}}, "heads": 12 },
                  "data": { "kind": "tokens", "path": "{{data}}", "vocabulary": {{Vocabulary}} }
                }
                """, Peers, secure: true) { Tells = tells, Patience = TimeSpan.FromMinutes(10) };
            Measure(fleet, every, output);
        }
        finally
        {
            File.Delete(data);
        }
        output.WriteLine($"Load at the end: {Machine.Load}.");
    }

    static void Measure(Fleet fleet, int every, TextWriter output)
    {
        const string profile = "--profile";
        fleet.StartAll(profile);
        fleet.AwaitWhole(0);
        double parameters = fleet.Since(0).Select(said => said.Event).OfType<Started>().First().Parameters;
        IEnumerable<int> everyone = Enumerable.Range(0, Peers), others = everyone.Where(peer => peer != Back);

        // The first steps touch all memory for the first time.
        long first = fleet.Await("the first steps", 0, said => said.Peer == 0 && said.Step?.Step == 3).At;
        fleet.AwaitEach("a checkpoint", 0, everyone, said => said.Event is Saved saved && saved.Step == every);
        fleet.AwaitEach("steps after it", 0, everyone, said => said.Step?.Step == every + 4);
        IReadOnlyList<ReceivedEvent> heard = fleet.Since(0);
        ReceivedEvent[] after = [.. heard.Where(said => said.At > first)];
        Profiled[] profiles = [.. after.Select(said => said.Event).OfType<Profiled>().Where(one => one.Step < every)];
        double step = profiles.Average(one => one.Seconds);
        double peak = everyone.Max(fleet.PeakBytes) / parameters;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{parameters:N0} parameters; at most {peak:F1} bytes of memory a parameter and peer; {step:F2} s a step."));
        output.WriteLine();
        output.WriteLine("| part of a step | s, mean of all peers |");
        output.WriteLine("|--|--|");
        foreach (string part in profiles[0].Parts.Keys)
        {
            double seconds = profiles.Average(one => one.Parts[part]);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {part} | {seconds:F3} |"));
        }
        output.WriteLine();
        output.WriteLine("| what | s | bytes | MB/s | longest step meanwhile / mean step |");
        output.WriteLine("|--|--|--|--|--|");

        double saving = Round.Quantile(heard.Select(said => said.Event).OfType<Saved>().Where(saved => saved.Step == every)
            .Select(saved => saved.Seconds ?? 0), 0.5);
        double beside = heard.Select(said => said.Event).OfType<Profiled>().Where(one => one.Step == every + 1)
            .Max(one => one.Seconds);
        Row("a checkpoint: weights, majority, momentum", saving, 8.125 * parameters, beside / step);

        Return("back with its folder: the steps that it missed", keepFolder: true);
        Return("back without: a snapshot, a momentum, the steps since", keepFolder: false);

        void Return(string what, bool keepFolder)
        {
            int away = fleet.Mark;
            fleet.Signal(Back, Fleet.Kill9);
            fleet.Await("its end", away, said => said.Peer == Back && said.Event is null);
            if (!keepFolder)
                fleet.DeleteFolder(Back);
            fleet.AwaitEach("three steps without it", away, others.Take(1), said => said.Step is { Away.Count: 1 });
            long without = fleet.Since(away).First(said => said.Step is { Away.Count: 1 }).Step!.Step;
            fleet.AwaitEach("three steps without it", away, others, said => said.Step?.Step == without + 2);
            int start = fleet.Mark;
            long started = Stopwatch.GetTimestamp();
            fleet.Start(Back, profile);
            ReceivedEvent taken = fleet.Await("its first step with the others", start,
                said => said.Peer == Back && said.Step is { Away.Count: 0 });
            fleet.AwaitWhole(start);
            IReadOnlyList<ReceivedEvent> meanwhile = [.. fleet.Since(start).Where(said => said.At <= taken.At)];
            double fetched = meanwhile.Where(said => said.Peer == Back).Select(said => said.Event).OfType<Fault>()
                .Where(fault => fault.What == "fetched").Sum(fault => fault.Seconds ?? 0);
            long missed = meanwhile.Where(said => said.Peer == 0 && said.Step is { Away.Count: 1 })
                .Select(said => said.Step!.Step).DefaultIfEmpty(without).Max() - without + 1;
            double bytes = keepFolder ? missed * parameters / 8 : 8.125 * parameters;
            Row($"{what}, of it fetching", fetched, bytes, Longest(meanwhile));
            double whole = Stopwatch.GetElapsedTime(started, taken.At).TotalSeconds;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| from its start to its first step with the others | {whole:F1} | | | |"));
            output.Flush();
        }

        // Without checkpoints, which have a row of their own.
        double Longest(IEnumerable<ReceivedEvent> said) => said.Where(one => others.Contains(one.Peer))
            .Select(one => one.Event).OfType<Profiled>().Select(one => one.Seconds - one.Parts["checkpoint"])
            .DefaultIfEmpty().Max() / step;

        void Row(string what, double seconds, double bytes, double longest) => output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {what} | {seconds:F2} | {bytes / 1e6:F0} MB | {(seconds > 0 ? bytes / seconds / 1e6 : 0):F0} | {longest:F2} |"));
    }

    /// <summary>Writes tokens that are drawn at random; as hard to learn as may be, which changes nothing about speed.</summary>
    static string WriteTokens()
    {
        string path = Path.Combine(Path.GetTempPath(), $"large-benchmark-{Environment.ProcessId}.bin");
        var random = new Random(1);
        var bytes = new byte[2 * Tokens];
        for (int at = 0; at < bytes.Length; at += 2)
            BitConverter.TryWriteBytes(bytes.AsSpan(at), (ushort)random.Next(Vocabulary));
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
