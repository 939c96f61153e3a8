using System.Diagnostics;
using System.Globalization;
using DecentralizedLion.Benchmarks.Exchange;

namespace DecentralizedLion.Benchmarks.Steps;

/// <summary>
/// Samples a second of four hosts of which the first is faster than the others, against the sum of what each makes alone: with
/// equal batches, and with batches by measured speeds.
/// </summary>
static class UnequalBenchmark
{
    const int Peers = 4, Tries = 60;

    static readonly TimeSpan pause = TimeSpan.FromSeconds(2);

    public static void Run(Options options, TextWriter output)
    {
        var seconds = TimeSpan.FromSeconds(options.Number("--seconds", 20));
        int faster = options.Number("--faster", 3), pace = options.Number("--pace", 6000), all = options.Number("--batch", 64);
        options.Finish();
        if (all % Peers != 0)
            throw new ArgumentException($"--batch: found {all}; allowed are multiples of {Peers}");
        output.WriteLine($"Samples a second of {Peers} hosts, the first {faster} times as fast as the others, a gradient takes "
            + $"{pace} µs a sample; {all} samples a step, {seconds.TotalSeconds:F0} s each; load before {Machine.Load}.");
        output.WriteLine();
        output.WriteLine("| batches | samples/s / sum of each alone | samples/s | alone, sum | batch of each | steps/s |");
        output.WriteLine("|--|--|--|--|--|--|");
        foreach (bool bySpeed in (bool[])[false, true])
        {
            var hosts = new Hosts(Peers, null);
            using var ring = new RingFolder("unequal", hosts, Hosts.FreePorts(Peers, group: 2), bySpeed ? "auto" : null);
            using var peers = new Contender(bySpeed ? "by speed" : "equal", hosts, host =>
            [
                .. Machine.OwnProgram, UnequalPeer.Command, ring.PeersFile, RingFolder.IdOf(host),
                $"{(host == 0 ? pace / faster : pace)}", $"{all / Peers}", $"{all}",
            ]);
            AwaitBatches(peers, bySpeed);
            Round before = peers.Run(1);
            long begin = Stopwatch.GetTimestamp();
            Thread.Sleep(seconds);
            Round after = peers.Run(1);
            Print(output, peers.Name, before, after, Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }
    }

    /// <summary>Waits until steps are made, and with batches by speed until these have been shared out.</summary>
    static void AwaitBatches(Contender peers, bool bySpeed)
    {
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            Thread.Sleep(pause);
            Round now = peers.Run(1);
            if (now.Peers.All(peer => peer.Values["steps"] > 20)
                && (!bySpeed || now.Peers[0].Values["batch"] > now.Peers[1].Values["batch"]))
                return;
        }
        throw new TimeoutException($"{peers.Name}: no steps, or no batches by speed, for {(Tries * pause).TotalSeconds:F0} s");
    }

    static void Print(TextWriter output, string name, Round before, Round after, double seconds)
    {
        double Rate(string value, int peer) => (after.Peers[peer].Values[value] - before.Peers[peer].Values[value]) / seconds;
        double samples = Enumerable.Range(0, Peers).Sum(peer => Rate("samples", peer));
        double alone = after.Peers.Sum(peer => peer.Values["alone"]);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | **{samples / alone:F2}** | {samples:F0} | {alone:F0} "
            + $"| {string.Join(", ", after.Peers.Select(peer => peer.Values["batch"]))} | {Rate("steps", 0):F1} |"));
        output.Flush();
    }
}
