using System.Globalization;
using System.Text.Json.Nodes;
using DecentralizedLion.Benchmarks.Exchange;

namespace DecentralizedLion.Benchmarks.Machinery;

/// <summary>
/// The cost of the machinery for faults (heartbeats, ready, acknowledgements, journal, digests) for a step of the CIFAR ViT when
/// nothing fails: by on and off in turn, and by what its parts take.
/// </summary>
static class MachineryBenchmark
{
    /// <summary>The hidden command that a peer's process is started with.</summary>
    public const string PeerCommand = "machinery-peer";

    const int Peers = 4, Parameters = 571_210;

    // A held and a ready to each other member, and as many from them; what is sent is counted at both ends.
    const int FramesAStep = 2 * (Peers - 1);

    public static void Run(Options options, TextWriter output)
    {
        int rounds = options.Number("--rounds", 11), steps = options.Number("--steps", 12);
        string data = options.Text("--data")
            ?? throw new ArgumentException("--data: the folder of CIFAR-10's binary files is needed");
        options.Finish();
        output.WriteLine($"Machinery for faults, {Peers} processes on loopback, the ViT of examples/cifar10.json "
            + $"({Parameters:N0} parameters), batch 16, one thread each.");
        output.WriteLine($"Load of the machine before: {Machine.Load}. {rounds} rounds in turn of {steps} steps.");
        string folder = Directory.CreateTempSubdirectory("machinery-benchmark-").FullName;
        try
        {
            var measured = new List<Dictionary<MachineryMode, Round>>();
            using (Contender on = Start(MachineryMode.On, data, folder), awaited = Start(MachineryMode.Awaited, data, folder),
                off = Start(MachineryMode.Off, data, folder))
            {
                (MachineryMode Mode, Contender Contender)[] all = [(MachineryMode.On, on), (MachineryMode.Awaited, awaited),
                    (MachineryMode.Off, off)];
                foreach (var (_, contender) in all)
                    contender.Run(5);
                for (int round = 0; round < rounds; round++)
                {
                    // The first of a round is another one each time.
                    var found = new Dictionary<MachineryMode, Round>();
                    for (int turn = 0; turn < all.Length; turn++)
                    {
                        var (mode, contender) = all[(round + turn) % all.Length];
                        found[mode] = contender.Run(steps);
                    }
                    measured.Add(found);
                }
            }
            PrintModes(output, measured);
            PrintParts(output, measured, Path.Combine(folder, "alone"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        output.WriteLine($"Load at the end: {Machine.Load}.");
    }

    static void PrintModes(TextWriter output, List<Dictionary<MachineryMode, Round>> measured)
    {
        output.WriteLine();
        output.WriteLine("| machinery | median step time / off's | median step ms | p90 ms | CPU ms of a step, all peers | / "
            + "off's | ring's thread, ms of a step and peer |");
        output.WriteLine("|--|--|--|--|--|--|--|");
        foreach (MachineryMode mode in Enum.GetValues<MachineryMode>())
        {
            Round[] own = [.. measured.Select(round => round[mode])];
            // A ratio within each round first: all then ran on the same machine in the same mood.
            double ratio = Median(measured, round => round[mode].Median / round[MachineryMode.Off].Median);
            double cpu = Median(measured, round => round[mode].Sum("cpu") / round[MachineryMode.Off].Sum("cpu"));
            double[] all = [.. own.SelectMany(round => round.Seconds)];
            output.WriteLine(
                $"| {Name(mode)} | **{Number(ratio, 3)}** | {Ms(Round.Quantile(all, 0.5), 1)} | "
                    + $"{Ms(Round.Quantile(all, 0.9), 1)} | "
                + $"{Ms(Median(own, round => round.Sum("cpu")), 1)} | {Number(cpu, 3)} | "
                + $"{Ms(Median(own, round => round.Sum("ring") / Peers), 2)} |");
        }
    }

    static void PrintParts(TextWriter output, List<Dictionary<MachineryMode, Round>> measured, string folder)
    {
        Round[] on = [.. measured.Select(round => round[MachineryMode.On])];
        Round[] off = [.. measured.Select(round => round[MachineryMode.Off])];
        // Four peers share the machine: of a step's time each has a part, of its own CPU time all.
        double step = Round.Quantile(on.SelectMany(round => round.Seconds), 0.5),
            cpu = Median(on, round => round.Sum("cpu") / Peers);
        // What the runtime does by itself meanwhile, it does in off, too.
        double idle = Median(on, Idle) - Median(off, Idle);
        (string Name, double Seconds)[] parts =
        [
            ("slice digests on the trainer's thread, by its own clock", Median(on, round => round.Sum("digests") / Peers)),
            ("heartbeats, looks and timers: the process's CPU time while it waits between rounds, on − off, × the step's time",
                idle * step),
            ("record into the journal's file (alone)", PartCosts.Append(Parameters, folder)),
            ("record's chain digest (alone; also in off)", PartCosts.Chain(Parameters)),
            ("held and ready to all others, both ends (alone; held also in off)", FramesAStep * PartCosts.Frame()),
        ];
        output.WriteLine();
        output.WriteLine("| part, of a step and peer | ms | of the step's time | of the peer's CPU time |");
        output.WriteLine("|--|--|--|--|");
        foreach (var (name, seconds) in parts.Append(("**all parts**", parts.Sum(part => part.Seconds))))
            Part(name, seconds);
        Part("for comparison: the ring's thread, on − off",
            Median(on, round => round.Sum("ring") / Peers) - Median(off, round => round.Sum("ring") / Peers));
        Part("for comparison: a slice's digest alone", PartCosts.Slice(Parameters));
        output.WriteLine();

        void Part(string name, double seconds) =>
            output.WriteLine($"| {name} | {Ms(seconds, 3)} | {Number(100 * seconds / step, 2)} % | "
                + $"{Number(100 * seconds / cpu, 2)} % |");
    }

    /// <summary>CPU seconds of a peer in a second without steps.</summary>
    static double Idle(Round round) => round.Peers.Average(peer => peer.Values["idlecpu"] / peer.Values["idle"]);

    static Contender Start(MachineryMode mode, string data, string folder)
    {
        int port = Hosts.FreePorts(Peers * (Peers - 1), (int)mode);
        var settings = new JsonObject
        {
            ["run"] = "machinery",
            ["steps"] = 1_000_000,
            ["batch"] = 16,
            ["learningRate"] = 0.0005,
            ["insecure"] = true,
            ["model"] = new JsonObject { ["kind"] = "vit", ["patch"] = 4, ["width"] = 96, ["depth"] = 5, ["heads"] = 3 },
            ["data"] = new JsonObject { ["kind"] = "cifar10", ["path"] = Path.GetFullPath(data), ["augment"] = true },
            ["peers"] = new JsonArray([.. Enumerable.Range(0, Peers).Select(peer => new JsonObject
            {
                ["id"] = $"p{peer}",
                ["address"] = "127.0.0.1",
                ["port"] = port + peer * (Peers - 1),
            })]),
        };
        string file = Path.Combine(folder, $"{mode}.json");
        File.WriteAllText(file, settings.ToJsonString());
        return new Contender(Name(mode), new Hosts(Peers, null),
            peer => ["env", "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", .. Machine.OwnProgram, PeerCommand, file, $"{peer}",
                    $"{mode}", Path.Combine(folder, $"{mode}-{peer}")]);
    }

    static string Name(MachineryMode mode) => mode switch
    {
        MachineryMode.On => "on",
        MachineryMode.Awaited => "on, every ballot waited for",
        _ => "off",
    };

    static double Median<T>(IEnumerable<T> of, Func<T, double> value) => Round.Quantile(of.Select(value), 0.5);

    static string Ms(double seconds, int digits) => Number(1e3 * seconds, digits);

    static string Number(double value, int digits) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);
}
