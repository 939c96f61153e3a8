using System.Diagnostics;
using System.Globalization;
using DecentralizedLion.Benchmarks.Exchange;
using DecentralizedLion.Benchmarks.Model;

namespace DecentralizedLion.Benchmarks.Steps;

/// <summary>
/// Whole steps of four hosts, side by side in one run: programs that train with this library, and PyTorch's
/// DistributedDataParallel on gloo with the same networks and batches. All contenders take turns within a round.
/// </summary>
static class StepsBenchmark
{
    /// <summary>The hidden command that links.sh runs when the hosts are up: rate, options as given, prefix.</summary>
    public const string LinksCommand = "steps-links";

    const int Peers = 4, WarmUp = 4;
    const string Baseline = "DDP, fp32";

    // gloo's processes wait for each other in every step, so one line of them may take long behind slow links.
    static readonly TimeSpan patience = TimeSpan.FromMinutes(10);

    static readonly (string Name, string Hook)[] hooks =
    [
        (Baseline, "fp32"), ("DDP, fp16", "fp16"), ("DDP, PowerSGD rank 1", "powersgd"), ("PyTorch, alone", "alone"),
    ];

    /// <summary>Runs it for each network and rate.</summary>
    /// <param name="words">--networks vit,gpt; --rates 0,1000,100,10 in Mbit/s, 0 for loopback; --rounds; --steps a round and
    /// contender, a multiple of four; --batch, 0 for each network's own.</param>
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
            string[] command = ["bash", ExchangeBenchmark.Script("links.sh"), $"{megabits}", $"{Peers}", .. Machine.OwnProgram,
                LinksCommand, $"{megabits}", .. words];
            using var script = Process.Start(new ProcessStartInfo(command[0], command[1..]))!;
            script.WaitForExit();
            if (script.ExitCode != 0)
                throw new InvalidOperationException($"links.sh ended with {script.ExitCode}; its message is above");
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
            + $"hosts {links}; load before {Machine.Load}; {settings.Rounds} rounds in turn of {settings.Steps} steps.");
        var rings = new List<StepRing>();
        var contenders = new List<Contender>();
        int ports = Hosts.FreePorts(Peers * StepSetup.All.Count + hooks.Length, group: 0);
        try
        {
            foreach (StepSetup setup in StepSetup.All)
            {
                var ring = new StepRing(setup, network, hosts, ports);
                rings.Add(ring);
                ports += Peers;
                contenders.Add(new Contender(setup.Name, hosts, ring.Command) { Patience = patience });
            }
            if (ExchangeBenchmark.HasTorch())
                contenders.AddRange(hooks.Select((hook, at) => Ddp(hook.Name, hook.Hook, hosts, network, ports + at)));
            else
                output.WriteLine("DDP: not measured, python3-torch is not installed (tests/setup.sh --benchmarks installs it)");
            contenders.ForEach(contender => contender.Run(WarmUp));
            var rounds = new List<Round[]>();
            for (int round = 0; round < settings.Rounds; round++)
                rounds.Add([.. contenders.Select(contender => contender.Run(settings.Steps))]);
            Print(output, contenders, rounds, network.Batch, hosts.Device);
        }
        finally
        {
            contenders.ForEach(contender => contender.Dispose());
            rings.ForEach(ring => ring.Dispose());
        }
    }

    static Contender Ddp(string name, string hook, Hosts hosts, ModelCase network, int port)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Steps", "ddp.py");
        return new Contender(name, hosts, rank =>
        [
            ExchangeBenchmark.Python, script, $"{rank}", $"{hosts.Count}", hosts.AddressOf(0), $"{port}", hosts.Device, hook,
            network.Kind, $"{network.Batch}", .. network.Sizes.Split(' '),
        ])
        { Patience = patience };
    }

    static void Print(TextWriter output, List<Contender> contenders, List<Round[]> rounds, int batch,
        string device)
    {
        int baseline = contenders.FindIndex(contender => contender.Name == Baseline);
        int alone = contenders.FindIndex(contender => contender.Name == StepSetup.All[^1].Name);
        output.WriteLine();
        output.WriteLine("| contender | time / DDP fp32's | time / gradient alone | s a step | samples/s, all "
            + "| MB sent a step and host | CPU s a step, all | ballots that did not come |");
        output.WriteLine("|--|--|--|--|--|--|--|--|");
        for (int row = 0; row < contenders.Count; row++)
        {
            int at = row;
            Round[] own = [.. rounds.Select(round => round[at])];
            double seconds = Round.Quantile(own.Select(round => round.BackToBack), 0.5);
            // A ratio within each round first: both then ran on the same machine in the same mood.
            string toBaseline = baseline < 0 ? "–" : Number(Round.Quantile(
                rounds.Select(round => round[at].BackToBack / round[baseline].BackToBack), 0.5), 2);
            double toAlone = Round.Quantile(rounds.Select(round => round[at].BackToBack / round[alone].BackToBack), 0.5);
            double missing = own[^1].Peers[0].Values.GetValueOrDefault("missing");
            output.WriteLine($"| {contenders[row].Name} | **{toBaseline}** | {Number(toAlone, 2)} | {Number(seconds, 3)} | "
                + $"{Number(Peers * batch / seconds, 1)} | {Number(own[0].Sent(device) / 1e6, 3)} | "
                + $"{Number(Round.Quantile(own.Select(round => round.Sum("cpu")), 0.5), 2)} | {Number(missing, 0)} |");
        }
        output.WriteLine();
        output.Flush();
    }

    static string Number(double value, int digits) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);

    /// <summary>What the command line asks for.</summary>
    sealed record Settings(string[] Networks, int[] Rates, int Rounds, int Steps, int Batch)
    {
        public static Settings Read(string[] words)
        {
            var options = new Options(words);
            string[] rates = (options.Text("--rates") ?? "0,1000,100,10").Split(',');
            var settings = new Settings((options.Text("--networks") ?? "vit,gpt").Split(','),
                [.. rates.Select(rate => int.Parse(rate, CultureInfo.InvariantCulture))],
                options.Number("--rounds", 3), options.Number("--steps", 4), options.Number("--batch", 0));
            options.Finish();
            if (settings.Steps % 4 != 0 || settings.Steps <= 0)
                throw new ArgumentException($"--steps: found {settings.Steps}; allowed are multiples of 4, for localSteps 4");
            return settings;
        }
    }
}
