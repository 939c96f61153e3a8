using System.Diagnostics;
using System.Globalization;
using DecentralizedLion.Benchmarks.Exchange;

namespace DecentralizedLion.Benchmarks.Faults;

/// <summary>
/// From SIGKILL to the next applied step: four processes on loopback with the default settings and the demo's model. A peer drawn
/// by lot, the first included, is killed at a random moment and started again; the next kill comes when the ring is whole.
/// </summary>
static class FailoverBenchmark
{
    const int Peers = 4;

    public static void Run(Options options, TextWriter output)
    {
        int kills = options.Number("--kills", 100), seed = options.Number("--seed", 1);
        bool tells = options.Number("--tell", 0) != 0;
        options.Finish();
        var random = new Random(seed);
        output.WriteLine($"SIGKILL to the next applied step: {Peers} processes on loopback, default settings, the demo's model, "
            + $"{kills} kills.");
        output.WriteLine($"Load of the machine before: {Machine.Load}.");
        using var fleet = new Fleet(FaultSettings.Demo, Peers) { Tells = tells };
        fleet.StartAll();
        fleet.AwaitWhole(0);
        var found = new List<Failover>();
        for (int kill = 0; kill < kills; kill++)
        {
            fleet.Listen(TimeSpan.FromSeconds(0.3 + random.NextDouble()));
            found.Add(Once(fleet, random.Next(Peers)));
        }

        output.WriteLine();
        output.WriteLine("| from SIGKILL, s | p50 | p90 | p99 | max |");
        output.WriteLine("|--|--|--|--|--|");
        Row(output, "first survivor suspects", found.Select(one => one.Suspected));
        Row(output, "first survivor has the new view", found.Select(one => one.View));
        Row(output, "**next applied step, first survivor**", found.Select(one => one.FirstStep));
        Row(output, "next applied step, last survivor", found.Select(one => one.LastStep));
        Row(output, "started again → all four are members", found.Select(one => one.Whole));
        output.WriteLine();
        for (int peer = 0; peer < Peers; peer++)
        {
            double[] times = [.. found.Where(one => one.Killed == peer).Select(one => one.FirstStep)];
            if (times.Length > 0)
                output.WriteLine($"Peer {fleet.Names[peer]} killed {times.Length} times: p50 "
                    + $"{Number(Round.Quantile(times, 0.5))} s, max {Number(times.Max())} s.");
        }
        output.WriteLine($"The digests of all {fleet.Steps} steps were equal on all peers. Load at the end: {Machine.Load}.");
    }

    static Failover Once(Fleet fleet, int victim)
    {
        int mark = fleet.Mark;
        string name = fleet.Names[victim];
        int[] survivors = [.. Enumerable.Range(0, Peers).Where(peer => peer != victim)];
        long killed = fleet.Signal(victim, Fleet.Kill9);
        // Steps decided with the killed peer may still arrive; the first one without it is what the kill held up.
        double[] steps =
            [.. fleet.AwaitEach("a step without the killed peer", mark, survivors, said => said.Step?.Away.Contains(name) == true)
            .Select(said => Seconds(killed, said.At))];
        double suspected = Seconds(killed, fleet.Await("a suspicion", mark, said => said.IsFault("suspected", name)).At);
        double view = Seconds(killed, fleet.Await("a view change", mark, said => said.IsFault("view-changed")).At);
        int again = fleet.Mark;
        long restarted = Stopwatch.GetTimestamp();
        fleet.Start(victim);
        fleet.AwaitWhole(again);
        return new Failover(victim, suspected, view, steps.Min(), steps.Max(), Stopwatch.GetElapsedTime(restarted).TotalSeconds);
    }

    static double Seconds(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalSeconds;

    static void Row(TextWriter output, string name, IEnumerable<double> values)
    {
        double[] all = [.. values];
        output.WriteLine(
            $"| {name} | {Number(Round.Quantile(all, 0.5))} | {Number(Round.Quantile(all, 0.9))} | "
                + $"{Number(Round.Quantile(all, 0.99))} | "
            + $"{Number(all.Max())} |");
    }

    static string Number(double value) => value.ToString("F3", CultureInfo.InvariantCulture);

    sealed record Failover(int Killed, double Suspected, double View, double FirstStep, double LastStep, double Whole);
}
