using System.Globalization;
using DecentralizedLion.Benchmarks.Exchange;
using DecentralizedLion.Benchmarks.Model;

namespace DecentralizedLion.Benchmarks.Steps;

/// <summary>
/// Whole steps of four hosts, side by side in one run: programs that train with this library, and PyTorch's
/// DistributedDataParallel on gloo with the same networks and batches. The contenders are measured one after the other.
/// </summary>
static class StepsBenchmark
{
    /// <summary>The hidden command that links.sh runs when the hosts are up: rate, options as given, prefix.</summary>
    public const string LinksCommand = "steps-links";

    const int Peers = 4;

    // Steps before the first that is measured. For some 90 steps .NET compiles again what is used much.
    const int WarmUpNet = 100, WarmUpPython = 8;
    const string Baseline = "DDP, fp32";

    // gloo's processes wait for each other in every step, so one line of them may take long behind slow links.
    static readonly TimeSpan patience = TimeSpan.FromMinutes(10);

    static readonly (string Name, string Hook)[] hooks =
    [
        (Baseline, "fp32"), ("DDP, fp16", "fp16"), ("DDP, PowerSGD rank 1", "powersgd"), ("PyTorch, alone", "alone"),
    ];

    /// <summary>Runs it for each network and rate.</summary>
    /// <param name="words">--networks vit,gpt; --rates 0,1000,100,10 in Mbit/s, 0 for loopback; --rounds; --steps a round and
    /// contender, a multiple of four; --batch, 0 for each network's own; --only, a part of the names of the contenders to
    /// measure; --pace, milliseconds that a gradient takes on something that is not the CPU, as on hosts with a GPU each
    /// (PyTorch is left out then), 0 to compute it.</param>
    public static void Run(string[] words, TextWriter output)
    {
        Settings settings = Settings.Read(words);
        Environment.SetEnvironmentVariable("OPENBLAS_NUM_THREADS", "1");
        Environment.SetEnvironmentVariable("OMP_NUM_THREADS", "1");
        foreach (int megabits in settings.Rates)
        {
            if (megabits == 0)
            {
                RunOn(null, megabits, words, output);
                continue;
            }
            output.Flush();
            SlowLinks.Run(megabits, Peers, LinksCommand, words);
        }
    }

    /// <summary>The same on hosts that links.sh has made.</summary>
    public static void RunOn(string? namespaces, int megabits, string[] words, TextWriter output)
    {
        Settings settings = Settings.Read(words);
        foreach (string name in settings.Networks)
        {
            ModelCase network = StepSetup.Network(name);
            if (settings.Batch > 0)
                network = network with { Batch = settings.Batch };
            Measure(new Hosts(Peers, namespaces), network, megabits, settings, output);
        }
    }

    static void Measure(Hosts hosts, ModelCase network, int megabits, Settings settings, TextWriter output)
    {
        string links = megabits == 0 ? "on loopback" : $"behind links of {megabits} Mbit/s";
        output.WriteLine($"Whole steps of {network.Kind} ({network.Sizes}: width, depth, heads), batch {network.Batch}, {Peers} "
            + $"hosts {links}; load before {Machine.Load}; {settings.Rounds} rounds of {settings.Steps} steps.");
        var rounds = new List<(string Name, Round[] Rounds)>();
        foreach (StepSetup setup in StepSetup.All.Where(setup => settings.Has(setup.Name)))
        {
            using var ring = new RingFolder("steps", hosts, Hosts.FreePorts(Peers, group: 0));
            Measure(new Contender(setup.Name, hosts, host =>
            [
                .. Machine.OwnProgram, StepPeer.Command, ring.PeersFile, RingFolder.IdOf(host), network.Kind, $"{network.Batch}",
                setup.Name, hosts.Device, $"{settings.Pace}",
            ], patience), WarmUpNet);
        }
        if (settings.Pace > 0)
            output.WriteLine($"A gradient is a wait of {settings.Pace} ms; DDP is not measured.");
        else if (!ExchangeBenchmark.HasTorch())
            output.WriteLine("DDP: not measured, python3-torch is not installed (tests/setup.sh --benchmarks installs it)");
        else
            Array.ForEach([.. hooks.Where(hook => settings.Has(hook.Name))],
                hook => Measure(Ddp(hook.Name, hook.Hook, hosts, network), WarmUpPython));
        Print(output, rounds, network.Batch, hosts.Device);

        // One after the other: members of a ring that only waits still look after each other, at the others' cost.
        void Measure(Contender contender, int warmUp)
        {
            using (contender)
            {
                contender.Run(warmUp);
                rounds.Add((contender.Name,
                    [.. Enumerable.Range(0, settings.Rounds).Select(_ => contender.Run(settings.Steps))]));
            }
        }
    }

    /// <summary>PyTorch's processes.</summary>
    /// <param name="name">The contender's name.</param>
    /// <param name="hook">What the script calls it.</param>
    /// <param name="hosts">Where.</param>
    /// <param name="network">The network and its batch.</param>
    /// <param name="training">To train on CIFAR-10: its folder, and the learning rate.</param>
    public static Contender Ddp(string name, string hook, Hosts hosts, ModelCase network, params string[] training)
    {
        int port = Hosts.FreePorts(1, group: 0);
        string script = Path.Combine(AppContext.BaseDirectory, "Steps", "ddp.py");
        return new Contender(name, hosts, rank =>
        [
            ExchangeBenchmark.Python, script, $"{rank}", $"{hosts.Count}", hosts.AddressOf(0), $"{port}", hosts.Device, hook,
            network.Kind, $"{network.Batch}", .. network.Sizes.Split(' '), .. training,
        ], patience);
    }

    static void Print(TextWriter output, List<(string Name, Round[] Rounds)> measured, int batch, string device)
    {
        double baseline = Of(Baseline), alone = Of(StepSetup.All[^1].Name);
        output.WriteLine();
        output.WriteLine("| contender | time / DDP fp32's | time / gradient alone | s a step | samples/s, all "
            + "| MB sent a step and host | CPU s a step, all | ballots that did not come |");
        output.WriteLine("|--|--|--|--|--|--|--|--|");
        foreach ((string name, Round[] rounds) in measured)
        {
            double seconds = Seconds(rounds);
            double sent = Round.Quantile(rounds.Select(round => round.Sent(device)), 0.5);
            double missing = rounds[^1].Peers[0].Values.GetValueOrDefault("missing");
            output.WriteLine($"| {name} | **{Ratio(seconds, baseline)}** | {Ratio(seconds, alone)} | {Number(seconds, 3)} "
                + $"| {Number(Peers * batch / seconds, 1)} | {Number(sent / 1e6, 3)} "
                + $"| {Number(Round.Quantile(rounds.Select(round => round.Sum("cpu")), 0.5), 2)} | {Number(missing, 0)} |");
        }
        output.WriteLine();
        output.Flush();

        double Of(string name) => measured.Where(one => one.Name == name).Select(one => Seconds(one.Rounds)).SingleOrDefault();
    }

    static string Ratio(double seconds, double of) => of > 0 ? Number(seconds / of, 2) : "–";

    static double Seconds(Round[] rounds) => Round.Quantile(rounds.Select(round => round.BackToBack), 0.5);

    static string Number(double value, int digits) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);

    /// <summary>What the command line asks for.</summary>
    sealed record Settings(string[] Networks, int[] Rates, int Rounds, int Steps, int Batch, int Pace, string Only)
    {
        public bool Has(string contender) => contender.Contains(Only, StringComparison.Ordinal);

        public static Settings Read(string[] words)
        {
            var options = new Options(words);
            string[] rates = (options.Text("--rates") ?? "0,1000,100,10").Split(',');
            var settings = new Settings((options.Text("--networks") ?? "vit,gpt").Split(','),
                [.. rates.Select(rate => int.Parse(rate, CultureInfo.InvariantCulture))],
                options.Number("--rounds", 3), options.Number("--steps", 4), options.Number("--batch", 0),
                options.Number("--pace", 0), options.Text("--only") ?? "");
            options.Finish();
            if (settings.Steps % 4 != 0 || settings.Steps <= 0)
                throw new ArgumentException($"--steps: found {settings.Steps}; allowed are multiples of 4, for localSteps 4");
            return settings;
        }
    }
}
