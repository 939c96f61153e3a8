using System.Diagnostics;
using System.Globalization;
using DecentralizedLion.Benchmarks.Exchange;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Benchmarks.Faults;

/// <summary>
/// One of four peers is killed, misses some steps and comes back: the bytes it received until it was a member again, and the
/// step time before and while it fetched. Every gradient takes a set time, so that the CPUs are not what is measured.
/// </summary>
static class RejoinBenchmark
{
    // From here on a snapshot is cheaper.
    const int RecordsMax = 32;

    const int Peers = 4, Back = 2;

    public static void Run(Options options, TextWriter output)
    {
        int rounds = options.Number("--rounds", 5), few = options.Number("--few", 10), many = options.Number("--many", 1000);
        int slowly = options.Number("--slowly", 400), quickly = options.Number("--quickly", 25);
        bool tells = options.Number("--tell", 0) != 0;
        options.Finish();
        output.WriteLine(
            $"One of {Peers} peers on loopback comes back: bytes it received until it was a member again, and the others' median "
            + "step time with it away (before) and while it fetched.");
        output.WriteLine($"Load of the machine before: {Machine.Load}.");
        output.WriteLine();
        output.WriteLine(
            "| d | steps missed | bytes | / missed · d/8 | / a snapshot | fetch, s | others' step ms before | while it fetches | "
            + "ratio | from its start to its taking in, ratio | step that takes it in, ms |");
        output.WriteLine("|--|--|--|--|--|--|--|--|--|--|--|");
        foreach (int width in new[] { 634, 1515 })
        {
            // Slow steps, so that a process starts within the time of a few.
            Measure(width, slowly, few, rounds, tells, output);
            Measure(width, quickly, many, Math.Max(1, rounds / 3), tells, output);
        }
        output.WriteLine();
        output.WriteLine($"Load at the end: {Machine.Load}.");
    }

    static void Measure(int width, int pace, int missed, int rounds, bool tells, TextWriter output)
    {
        string settings = $$"""
            {
              "run": "rejoin", "steps": 1000000, "batch": 1, "learningRate": 0.00001, "evaluateEvery": 0, "checkpointEvery": 200,
              "model": { "kind": "mlp", "width": {{width}}, "depth": 2 },
              "data": { "kind": "glyphs", "size": 16, "trainCount": 10000, "testCount": 100 }
            }
            """;
        using var fleet = new Fleet(settings, Peers, PacedPeer.Words) { Tells = tells };
        fleet.StartAll($"{pace}");
        fleet.AwaitWhole(0);
        long d = fleet.Since(0).Select(said => said.Event).OfType<Started>().First().Parameters;
        fleet.Listen(TimeSpan.FromSeconds(4)); // what starts is compiled on the way
        if (missed > RecordsMax) // its own momentum is on its disk then, and need not be fetched
            fleet.Await("its first checkpoint", 0, said => said is { Peer: Back, Event: Saved { Step: > 0 } });
        var found = new List<Rejoin>();
        for (int round = 0; round < rounds; round++)
            found.Add(Once(fleet, missed, pace));

        double plane = (d + 63) / 64 * 8.0, snapshot = 4 * d + plane;
        double bytes = Median(one => one.Bytes);
        double before = All(one => one.Before), during = All(one => one.During);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {d:N0} | {Range(found.Select(one => one.Missed))} | {bytes / 1e6:F2} MB | "
            + $"{Median(one => one.Bytes / (one.Missed * plane)):F3} | {bytes / snapshot:F3} | {Median(one => one.Fetch):F2} | "
            + $"{1e3 * before:F1} | {1e3 * during:F1} | **{during / before:F3}** | {All(one => one.Since) / before:F3} | "
            + $"{1e3 * Median(one => one.Held):F0} |"));
        output.Flush();

        double Median(Func<Rejoin, double> of) => Round.Quantile(found.Select(of), 0.5);

        double All(Func<Rejoin, List<double>> of) =>
            found.SelectMany(of).ToArray() is { Length: > 0 } all ? Round.Quantile(all, 0.5) : double.NaN;
    }

    static Rejoin Once(Fleet fleet, int missed, int pace)
    {
        string name = fleet.Names[Back];
        int mark = fleet.Mark;
        fleet.Signal(Back, Fleet.Kill9);
        long first = fleet.Await("a step without it", mark,
            said => said.Peer == 0 && said.Step?.Away.Contains(name) == true).Step!.Step;
        int away = fleet.Mark;
        fleet.Await($"{missed} steps without it", away, said => said.Peer == 0 && said.Step?.Step >= first + missed - 1);
        int start = fleet.Mark;
        fleet.Start(Back, $"{pace}");
        ReceivedEvent taken = fleet.Await("its return", start, said => said.Peer == Back && said.Event is Note note
            && note.Text.StartsWith(PacedPeer.Rejoined, StringComparison.Ordinal));
        long[] numbers =
            [.. ((Note)taken.Event!).Text[PacedPeer.Rejoined.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => long.Parse(word, CultureInfo.InvariantCulture))];
        fleet.AwaitWhole(start);

        IReadOnlyList<ReceivedEvent> after = fleet.Since(start);
        ReceivedEvent fetching = after.FirstOrDefault(said => said.Peer == Back && said.IsFault("fetched"), taken);
        return new Rejoin(numbers[2] - numbers[1], numbers[0], Stopwatch.GetElapsedTime(fetching.At, taken.At).TotalSeconds,
            Others(fleet.Since(away).Take(start - away), 0, long.MaxValue, name), Others(after, fetching.At, taken.At, name),
            Others(after, 0, taken.At, name),
                after.Where(said => said.Peer != Back && said.IsFault("resumed") && said.At > taken.At)
                .Select(said => ((Fault)said.Event!).Seconds ?? 0).DefaultIfEmpty().Max());
    }

    /// <summary>Seconds of the others' steps without it that lie, in part at least, between two moments.</summary>
    static List<double> Others(IEnumerable<ReceivedEvent> heard, long from, long to, string name)
    {
        var intervals = new List<double>();
        foreach (var steps in heard.Where(said => said.Peer != Back && said.Step?.Away.Contains(name) == true)
            .GroupBy(said => said.Peer))
        {
            intervals.AddRange(steps.Zip(steps.Skip(1)).Where(pair => pair.Second.At >= from && pair.First.At <= to)
                .Select(pair => Stopwatch.GetElapsedTime(pair.First.At, pair.Second.At).TotalSeconds));
        }
        return intervals;
    }

    static string Range(IEnumerable<long> values) =>
        values.Min() == values.Max() ? $"{values.Min()}" : $"{values.Min()}–{values.Max()}";

    sealed record Rejoin(long Missed, double Bytes, double Fetch, List<double> Before, List<double> During,
        List<double> Since, double Held);
}
