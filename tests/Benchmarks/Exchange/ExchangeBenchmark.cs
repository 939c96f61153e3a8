using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Benchmarks.Exchange;

/// <summary>
/// Exchanges of 2.7 million parameters among four processes, back to back, in turn with gloo's all-reduce of as many floats. Once
/// with links as they are by default, encrypted, and once insecure.
/// </summary>
static class ExchangeBenchmark
{
    /// <summary>The hidden command that a peer's process is started with.</summary>
    public const string PeerCommand = "exchange-peer";

    /// <summary>The hidden command that links.sh runs when the hosts are up: rate, prefix.</summary>
    public const string LinksCommand = "exchange-links";

    const int Peers = 4, Parameters = 2_700_000;

    /// <summary>The Python whose PyTorch is compared with.</summary>
    public const string Python = "/usr/bin/python3";

    /// <summary>Four processes on loopback.</summary>
    public static void Run(TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Exchange of {Parameters / 1e6:0.#} M parameters, {Peers} processes on loopback, ballot given → committed."));
        Measure(new Hosts(Peers, null), rounds: 7, ours: 60, gloos: 20, warmUp: 500, megabits: 0, output);
    }

    /// <summary>Four hosts behind links of 100 and of 1000 Mbit/s, if there may be hosts.</summary>
    public static void RunLinks(TextWriter output)
    {
        output.Flush();
        foreach (int megabits in new[] { 100, 1000 })
            SlowLinks.Run(megabits, Peers, LinksCommand);
    }

    /// <summary>The same on hosts that links.sh has made.</summary>
    public static void RunOn(string namespaces, int megabits, TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Exchange of {Parameters / 1e6:0.#} M parameters, {Peers} hosts behind links of {megabits} Mbit/s, back to back."));
        // Behind slow links the same number of exchanges takes longer, and the runtime compiles its hot methods meanwhile.
        Measure(new Hosts(Peers, namespaces), rounds: 5, ours: 40, gloos: megabits > 500 ? 10 : 3, warmUp: 500, megabits, output);
    }

    static void Measure(Hosts hosts, int rounds, int ours, int gloos, int warmUp, int megabits, TextWriter output)
    {
        output.WriteLine($"Load of the machine before: {Machine.Load}. {rounds} rounds in turn of {ours} exchanges ({gloos} "
            + "of gloo's).");
        using Contender ring = Ours(ExchangeKind.Ring, hosts, encrypted: true),
            direct = Ours(ExchangeKind.Direct, hosts, encrypted: true),
            plainRing = Ours(ExchangeKind.Ring, hosts, encrypted: false),
            plainDirect = Ours(ExchangeKind.Direct, hosts, encrypted: false);
        using Contender? gloo = Gloo(hosts);
        Contender[] all = [ring, plainRing, direct, plainDirect];
        foreach (Contender contender in all)
            contender.Run(warmUp);
        gloo?.Run(2);
        var measured = new List<(Round[] Ours, Round? Gloo)>();
        for (int round = 0; round < rounds; round++)
            measured.Add(([.. all.Select(contender => contender.Run(ours))], gloo?.Run(gloos)));

        output.WriteLine();
        output.WriteLine((megabits > 0
            ? "| exchange | × bytes/bandwidth | of it TCP/IP and the rest on the wire | gloo's time / ours"
            : "| exchange | time / gloo's")
            + " | time / insecure | back to back ms | median ms | p90 ms | bits a parameter | the formula "
            + "| × the formula, all bytes | CPU ms, all peers | allocated KB a peer |");
        output.WriteLine("|--|--|--|--|--|--|--|--|--|--|--|" + (megabits > 0 ? "--|--|" : ""));
        for (int row = 0; row < all.Length; row++)
        {
            int plain = row | 1;
            Row(all[row].Name, row / 2 == 0 ? ExchangeKind.Ring : ExchangeKind.Direct,
                [.. measured.Select(round => (round.Ours[row], round.Ours[plain], round.Gloo))], megabits, output);
        }
        if (gloo is null)
        {
            output.WriteLine();
            output.WriteLine("gloo: not measured, python3-torch is not installed (tests/setup.sh --benchmarks installs it)");
            return;
        }
        Round[] theirs = [.. measured.Select(round => round.Gloo!)];
        double bits = 2.0 * (Peers - 1) / Peers * 32;
        double backToBack = Median(theirs, round => round.BackToBack);
        string ratios = megabits > 0 ? $"{Number(backToBack / Bound(bits, megabits), 3)} | {Wire(theirs, bits)} | 1 | " : "1 | ";
        output.WriteLine($"| gloo, fp32 all-reduce | {ratios} | {Times(theirs)} | | {Number(bits, 2)} | | "
            + $"{Number(1e3 * Median(theirs, round => round.Sum("cpu")), 1)} | |");
    }

    static void Row(string name, ExchangeKind kind, (Round Ours, Round Plain, Round? Gloo)[] rounds, int megabits,
        TextWriter output)
    {
        Round[] ours = [.. rounds.Select(round => round.Ours)];
        string[] chains = [.. ours[^1].Peers.Select(peer => peer.Chain).Distinct()];
        if (chains.Length != 1)
            throw new InvalidOperationException($"{name}: the peers ended with different digests: {string.Join(", ", chains)}");
        double formula = SectionFive(kind), bits = Median(ours, round => round.Most("payload")) * 8 / Parameters;
        double all = Median(ours, round => round.Most("all")) * 8 / Parameters;
        // A ratio within each round first: both then ran on the same machine in the same mood.
        string toGloo = rounds[0].Gloo is null ? "–" : megabits > 0
            ? Number(Round.Quantile(rounds.Select(round => round.Gloo!.BackToBack / round.Ours.BackToBack), 0.5), 1)
            : Number(Round.Quantile(rounds.Select(round => round.Ours.BackToBack / round.Gloo!.BackToBack), 0.5), 2);
        string toPlain = Number(Round.Quantile(rounds.Select(round => round.Ours.BackToBack / round.Plain.BackToBack), 0.5), 2);
        string ratio = megabits > 0
            ? $"**{Number(Median(ours, round => round.BackToBack) / Bound(formula, megabits), 3)}** | {Wire(ours, formula)} "
            + $"| {toGloo}"
            : $"**{toGloo}**";
        output.WriteLine($"| {name} | {ratio} | {toPlain} | {Times(ours)} | {Number(bits, 4)} | {Number(formula, 2)} | "
            + $"{Number(all / formula, 4)} | {Number(1e3 * Median(ours, round => round.Sum("cpu")), 2)} | "
            + $"{Number(Median(ours, round => round.Most("allocated")) / 1e3, 0)} |");
    }

    static string Times(Round[] rounds)
    {
        double[] all = [.. rounds.SelectMany(round => round.Seconds)];
        return $"{Number(1e3 * Median(rounds, round => round.BackToBack), 2)} | {Number(1e3 * Round.Quantile(all, 0.5), 2)} | "
            + Number(1e3 * Round.Quantile(all, 0.9), 2);
    }

    /// <summary>Bits a parameter that a peer sends, by the formulas of docs/protocol.md#exchange.</summary>
    static double SectionFive(ExchangeKind kind) => kind == ExchangeKind.Direct
        ? 2.0 * (Peers - 1) / Peers
        : (Enumerable.Range(1, Peers - 1).Sum(BitPlanes.Width) + Peers - 1.0) / Peers;

    /// <summary>The bytes that the busiest host's network card sent, beside the formula's: no exchange is faster than
    /// that.</summary>
    static string Wire(Round[] rounds, double bits) =>
        Number(Median(rounds, round => round.Most("wire")) * 8 / Parameters / bits, 3);

    static double Bound(double bits, int megabits) => bits * Parameters / (megabits * 1e6);

    /// <summary>This program's peers, one on each host.</summary>
    public static Contender Ours(ExchangeKind kind, Hosts hosts, bool encrypted)
    {
        int ports = Hosts.FreePorts(hosts.Count * (hosts.Count - 1), (int)kind + (encrypted ? 3 : 0));
        PeerKeyPair[] keys = [.. Enumerable.Range(0, hosts.Count).Select(_ => PeerKeyPair.Create())];
        string roster = JsonSerializer.Serialize(new
        {
            insecure = !encrypted,
            anyoneOnTheNetworkMayReadAndForgeTheTraining = hosts.Namespaces is not null,
            peers = Enumerable.Range(0, hosts.Count).Select(peer => new
            {
                id = $"p{peer}",
                address = hosts.AddressOf(peer),
                port = ports + peer * (hosts.Count - 1),
                key = $"{keys[peer].Public}",
            }),
        });
        string name = kind.ToString().ToLowerInvariant() + (encrypted ? "" : ", insecure");
        return new Contender(name, hosts,
            peer => [.. Machine.OwnProgram, PeerCommand, roster, $"{peer}", $"{Parameters}", $"{kind}", hosts.Device,
            encrypted ? keys[peer].ToPem() : ""]);
    }

    /// <summary>True when the system's Python has PyTorch.</summary>
    public static bool HasTorch()
    {
        if (!File.Exists(Python))
            return false;
        using var probe = Process.Start(new ProcessStartInfo(Python, ["-c", "import torch"]) { RedirectStandardError = true })!;
        probe.StandardError.ReadToEnd();
        probe.WaitForExit();
        return probe.ExitCode == 0;
    }

    static Contender? Gloo(Hosts hosts)
    {
        if (!HasTorch())
            return null;
        int port = Hosts.FreePorts(1, group: 2);
        return new Contender("gloo", hosts, rank =>
            [Python, Script("gloo.py"), $"{rank}", $"{hosts.Count}", hosts.AddressOf(0), $"{port}", hosts.Device,
                $"{Parameters}"]);
    }

    /// <summary>A script of this folder.</summary>
    public static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Exchange", name);

    static double Median(Round[] rounds, Func<Round, double> value) => Round.Quantile(rounds.Select(value), 0.5);

    static string Number(double value, int digits) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);
}
