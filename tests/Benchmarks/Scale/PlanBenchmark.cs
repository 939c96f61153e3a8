using System.Globalization;
using DecentralizedLion.Benchmarks.Exchange;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Exchange;

namespace DecentralizedLion.Benchmarks.Scale;

/// <summary>The benchmark that compares the times that `peer plan` predicts for 2 to 8 hosts with those that their exchanges
/// take.</summary>
static class PlanBenchmark
{
    /// <summary>The hidden command that links.sh runs when the hosts are up: rate, prefix.</summary>
    public const string LinksCommand = "plan-links";

    const int Most = 8, Parameters = 2_700_000, Exchanges = 40;

    // A frame from one namespace to another and through two processes' loops, on a machine that is not busy.
    const double Latency = 0.2e-3;

    /// <summary>Makes the hosts and measures on them.</summary>
    /// <param name="options">--rate of the links in Mbit/s: below some 20 the links are the limit, not the CPUs that all hosts
    /// share.</param>
    /// <param name="output">Takes the table.</param>
    public static void Run(Options options, TextWriter output)
    {
        int megabits = options.Number("--rate", 100);
        options.Finish();
        output.Flush();
        SlowLinks.Run(megabits, Most, LinksCommand);
    }

    /// <summary>Measures on hosts that links.sh has made.</summary>
    public static void RunOn(string namespaces, int megabits, TextWriter output)
    {
        IReadOnlyList<Bucket> buckets = Buckets.Vote(Parameters)(1);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Exchange of {Parameters / 1e6:0.#} M parameters behind links of {megabits} Mbit/s, insecure, back to back. "));
        output.WriteLine($"Load of the machine before: {Machine.Load}.");
        output.WriteLine();
        output.WriteLine("| peers | exchange | predicted ms | measured ms | predicted / measured | CPU ms, all peers |");
        output.WriteLine("|--|--|--|--|--|--|");
        foreach (int peers in (int[])[2, 3, 4, 6, 8])
        {
            foreach (ExchangeKind kind in Enum.GetValues<ExchangeKind>())
            {
                var hosts = new Hosts(peers, namespaces);
                using Contender contender = ExchangeBenchmark.Ours(kind, hosts, encrypted: false);
                contender.Run(megabits <= 20 ? 40 : 300); // what .NET compiles meanwhile matters less behind slow links
                Round round = contender.Run(Exchanges);
                double predicted = ExchangeTraffic.Of(kind, buckets, peers)
                    .Seconds(megabits * 1e6 / ExchangeTraffic.PacketOverhead, Latency);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {peers} | {kind} | {1e3 * predicted:F1} | {1e3 * round.Median:F1} | {predicted / round.Median:F2} | ")
                    + string.Create(CultureInfo.InvariantCulture, $"{1e3 * round.Sum("cpu"):F1} |"));
                output.Flush();
            }
        }
    }
}
