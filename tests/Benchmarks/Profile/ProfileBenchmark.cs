using System.Globalization;
using DecentralizedLion.Benchmarks.Exchange;
using DecentralizedLion.Benchmarks.Model;
using DecentralizedLion.Benchmarks.Steps;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Exchange;

namespace DecentralizedLion.Benchmarks.Profile;

/// <summary>The benchmark that says where a step's time goes, part by part, for networks of several sizes, rings of several
/// lengths, and links of several rates.</summary>
static class ProfileBenchmark
{
    /// <summary>The hidden command that links.sh runs when the hosts are up: rate, options as given, prefix.</summary>
    public const string LinksCommand = "profile-links";

    // The parts of the table, each a sum of those that the profiler tells apart.
    static readonly (string Name, StepPart[] Parts)[] columns =
    [
        ("gradient", [StepPart.Gradient]), ("ballot", [StepPart.Ballot]), ("wait", [StepPart.Wait]),
        ("send, check", [StepPart.Send, StepPart.Check]), ("add, decide", [StepPart.Add, StepPart.Decide]),
        ("digest", [StepPart.Digest]), ("journal", [StepPart.Journal]), ("acknowledge", [StepPart.Acknowledge]),
        ("apply", [StepPart.Apply]), ("rest", [StepPart.Checkpoint, StepPart.Handlers, StepPart.Overhead]),
    ];

    /// <summary>Runs it for each rate.</summary>
    /// <param name="words">--millions of parameters, 1,10,100; --peers 2,4,8; --rates 0,1000,100,10 in Mbit/s, 0 for loopback;
    /// --steps that are measured.</param>
    public static void Run(string[] words, TextWriter output)
    {
        Settings settings = Settings.Read(words);
        Environment.SetEnvironmentVariable("OMP_NUM_THREADS", "1");
        foreach (int megabits in settings.Rates)
        {
            if (megabits == 0)
            {
                RunOn(null, megabits, words, output);
                continue;
            }
            output.Flush();
            SlowLinks.Run(megabits, settings.Peers.Max(), LinksCommand, words);
        }
    }

    /// <summary>The same on loopback, or on hosts that links.sh has made.</summary>
    public static void RunOn(string? namespaces, int megabits, string[] words, TextWriter output)
    {
        Settings settings = Settings.Read(words);
        output.WriteLine(megabits == 0 ? "On loopback" : $"Behind links of {megabits} Mbit/s");
        output.WriteLine($"Milliseconds of a step, means over {settings.Steps} steps and all peers; load before {Machine.Load}.");
        output.WriteLine();
        output.WriteLine($"| parameters | peers | step | {string.Join(" | ", columns.Select(column => column.Name))} "
            + "| plan of the exchange, fewest | peak bytes a parameter |");
        output.WriteLine($"|{string.Concat(Enumerable.Repeat("--|", columns.Length + 5))}");
        foreach (int millions in settings.Millions)
        {
            foreach (int peers in settings.Peers)
                Measure(new Hosts(peers, namespaces), millions, megabits, settings.Steps, output);
        }
        output.WriteLine();
        output.Flush();
    }

    static void Measure(Hosts hosts, int millions, int megabits, int steps, TextWriter output)
    {
        ModelCase network = ProfileNetwork.Of(millions);
        int parameters = (int)network.Settings.Size(network.SampleShape, network.Classes)!.Value.Parameters;
        using var ring = new RingFolder("profile", hosts, Hosts.FreePorts(hosts.Count, group: 5));
        using var contender = new Contender("ours", hosts, host =>
            [.. Machine.OwnProgram, ProfilePeer.Command, ring.PeersFile, RingFolder.IdOf(host), $"{millions}"],
            patience: TimeSpan.FromMinutes(10));
        // .NET compiles again what is used much; with large networks the kernels are soon through with that.
        contender.Run(millions switch { 1 => 400, 10 => 50, _ => 4 });
        Round round = contender.Run(steps);
        IEnumerable<string> parts = columns.Select(column =>
            Milliseconds(column.Parts.Sum(part => round.Sum($"{part}".ToLowerInvariant())) / hosts.Count));
        double peak = round.Peers.Max(peer => peer.Values["peak"]) / parameters;
        output.WriteLine($"| {millions} M | {hosts.Count} | **{Milliseconds(round.Seconds.Average())}** "
            + $"| {string.Join(" | ", parts)} | {Plan(parameters, hosts.Count, megabits)} "
            + $"| {peak.ToString("F1", CultureInfo.InvariantCulture)} |");
        output.Flush();
    }

    /// <summary>The time that the links alone need for the exchange, by the faster way.</summary>
    static string Plan(int parameters, int peers, int megabits) => megabits == 0 ? "–" : Milliseconds(
        Enum.GetValues<ExchangeKind>().Min(kind =>
            ExchangeTraffic.Of(kind, Buckets.Vote(parameters)(1), peers)
                .Seconds(megabits * 1e6 / ExchangeTraffic.PacketOverhead, latency: 0.2e-3)));

    static string Milliseconds(double seconds) => (1e3 * seconds).ToString("F1", CultureInfo.InvariantCulture);

    /// <summary>The options of the command line.</summary>
    sealed record Settings(int[] Millions, int[] Peers, int[] Rates, int Steps)
    {
        public static Settings Read(string[] words)
        {
            var options = new Options(words);
            var settings = new Settings(Numbers(options, "--millions", "1,10,100"), Numbers(options, "--peers", "2,4,8"),
                Numbers(options, "--rates", "0,1000,100,10"), options.Number("--steps", 8));
            options.Finish();
            Array.ForEach(settings.Millions, millions => ProfileNetwork.Of(millions));
            return settings;
        }

        static int[] Numbers(Options options, string name, string fallback) =>
            [.. (options.Text(name) ?? fallback).Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
    }
}
