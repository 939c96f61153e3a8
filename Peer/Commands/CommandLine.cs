using System.CommandLine;
using System.CommandLine.Invocation;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Membership;

namespace DecentralizedLion.Peer.Commands;

/// <summary>The program's commands and their options.</summary>
public sealed class CommandLine(IActions actions)
{
    readonly Option<string> peers = new("--peers")
    {
        Description = "The settings that all peers share",
        HelpName = "FILE",
        DefaultValueFactory = _ => "peers.json",
    };

    readonly Option<string?> data = OptionKinds.Text(
        "--data", "Where the data lies on this host, instead of data.path", "PATH");
    readonly Option<string> device = OptionKinds.Device();

    readonly Option<int> threads =
        OptionKinds.Whole("--threads", "CPU threads of each peer (default: the cores, shared fairly)", 0, 1024, null);

    readonly Option<bool> faultReport = OptionKinds.Flag(
        "--fault-report", "At the end: views, abstentions, retries, recovery times of this start; of all starts: peer faults");

    readonly Option<string?> checkpoint = OptionKinds.Text(
        "--checkpoint", "A .safetensors file, or a folder to take the newest from (default: runs/RUN)", "PATH");

    /// <summary>Parses and does what is asked. Wrong words go to <paramref name="error"/> with what is allowed; exit code
    /// 2.</summary>
    public async Task<int> Invoke(IReadOnlyList<string> arguments, TextWriter output, TextWriter error)
    {
        var root = Root();
        var parsed = root.Parse(arguments);
        if (parsed.Action is ParseErrorAction)
        {
            UsageErrors.Write(parsed, error);
            return ExitCode.Usage;
        }
        // The commands handle Ctrl-C themselves: leaving in order may take longer than a library's patience.
        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        });
    }

    RootCommand Root() => new(
        """
        DecentralizedLion: peers train one model together, with one vote of signs a step and no server.

        Examples:
          peer demo                                        four peers on this computer
          peer run --peers peers.json --id a               this host's peer
          peer keygen a                                    its key
          peer doctor --id a                               whether all is there, and who reaches whom
          peer evaluate --checkpoint runs/demo             how good the result is
          peer generate --prompt "ROMEO:"                  text from a trained gpt
          peer simulate --seeds 1..1000                    the ring under faults, simulated
          peer compare examples/compare/cifar10.json       methods side by side, as tables and charts
        """) { Run(), Demo(), Keygen(), Doctor(), Faults(), Evaluate(), Generate(), Simulate(), Compare() };

    Command Run()
    {
        var id = OptionKinds.Text(
            "--id", "Which entry of the roster this is (default: by host name, RANK or SLURM_PROCID)", "ID");
        var key = OptionKinds.Text("--key", "This peer's secret key, made by peer keygen (default: ID.key beside peers.json)", "FILE");
        var folder = OptionKinds.Text("--out", "Where checkpoints and metrics go (default: runs/RUN/ID)", "DIR");
        var fresh = OptionKinds.Flag("--fresh", "Begin anew where checkpoints of an earlier run are, and delete those");
        var found = OptionKinds.Flag("--found",
            "Begin a new run on this host alone, where it would wait for the whole roster; the others are started without it and join");
        var refound = OptionKinds.Flag("--refound",
            "Go on from this host's disk, where so many disks are lost that no quorum comes back; on one host only, the others join. Not "
            + "while the missing peers may just be cut off: they would go on, too");
        var slow = OptionKinds.Number("--slow", "For trying out what a slow host does: a gradient takes X times as long", 1, 1000, 1);
        var plain = OptionKinds.Flag("--plain", "Lines instead of a table");
        var child = OptionKinds.Flag("--child", "Started by peer demo: print events, leave when standard input says so");
        child.Hidden = true;
        var command = new Command("run",
            """
            Runs this host's peer until the run's last step. Ctrl-C leaves in order: checkpoint, farewell, exit code 0.

            Examples:
              peer run --peers peers.json --id a --device cuda:0 --data /data/cifar10
              srun peer run --peers peers.json               ids by Slurm's ranks
            """) { peers, id, key, device, data, folder, threads, fresh, found, refound, slow, plain, faultReport, child };
        command.Validators.Add(result =>
        {
            if (!result.GetValue(refound))
                return;
            if (result.GetValue(found))
                result.AddError("--refound: found together with --found; allowed is one of them: --found begins a new run, "
                    + "--refound goes on with an old one");
            if (result.GetValue(fresh))
                result.AddError("--refound: found together with --fresh, which deletes what --refound goes on from; allowed is one of them");
        });
        command.SetAction((parsed, _) => actions.Run(new HostOptions
        {
            PeersFile = parsed.GetRequiredValue(peers),
            Id = parsed.GetValue(id),
            Key = parsed.GetValue(key),
            Device = parsed.GetRequiredValue(device),
            Data = parsed.GetValue(data),
            Out = parsed.GetValue(folder),
            Threads = parsed.GetValue(threads),
            Fresh = parsed.GetValue(fresh),
            Founding = parsed.GetValue(found) ? Founding.Alone : parsed.GetValue(refound) ? Founding.Again : Founding.WholeRoster,
            Slow = parsed.GetValue(slow),
            Plain = parsed.GetValue(plain),
            FaultReport = parsed.GetValue(faultReport),
            Child = parsed.GetValue(child),
        }));
        return command;
    }

    Command Demo()
    {
        var folder = OptionKinds.Text("--out", "Where the peers' folders go (default: runs/RUN)", "DIR");
        var plain = OptionKinds.Flag("--plain", "Lines instead of a table");
        var fresh = OptionKinds.Flag("--fresh", "Begin anew where checkpoints of an earlier demo are, and delete those");
        var noRestart = OptionKinds.Flag("--no-restart", "Do not start a peer again that was killed; the others go on without it");
        var command = new Command("demo",
            """
            Runs all peers of a roster on this computer, each in a process of its own, and shows them in one table. A peer that
            is killed (try kill -9) is started again and comes back by itself.

            Examples:
              peer demo
              peer demo --peers examples/cifar10.json --data /data/cifar10 --out runs/cifar10
            """) { peers, device, data, folder, threads, plain, fresh, noRestart, faultReport };
        command.SetAction((parsed, _) => actions.Demo(new DemoOptions
        {
            PeersFile = parsed.GetRequiredValue(peers),
            Device = parsed.GetRequiredValue(device),
            Data = parsed.GetValue(data),
            Out = parsed.GetValue(folder),
            Threads = parsed.GetValue(threads),
            Plain = parsed.GetValue(plain),
            Fresh = parsed.GetValue(fresh),
            NoRestart = parsed.GetValue(noRestart),
            FaultReport = parsed.GetValue(faultReport),
        }));
        return command;
    }

    Command Keygen()
    {
        var ids = new Argument<string[]>("ID")
        {
            Description = "Whose keys: ids of the roster (default: this host's name)",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var key = OptionKinds.Text("--key", "The file to make, for one id (default: ID.key beside peers.json)", "FILE");
        var replace = OptionKinds.Flag("--replace", "Put a new key in the place of one that is there; the old one is lost");
        var command = new Command("keygen",
            """
            Makes a peer's secret key, in a file that nobody else can read, and prints the public half, which goes into the peer's entry
            of peers.json, the same on all hosts. Who has no key that is in peers.json takes no part.

            Examples:
              peer keygen east                               on the host of east: makes east.key
              peer keygen a b c d                            a ring on this computer
              peer keygen east --replace                     a new key; see docs/security.md
            """) { ids, peers, key, replace };
        command.Validators.Add(result =>
        {
            var said = result.GetValue(ids) ?? [];
            foreach (var id in said.Where(id => !Roster.IsId(id)))
                result.AddError($"ID: found \"{id}\"; allowed are 1 to 32 characters of A–Z a–z 0–9 _ . -, the first no dot");
            if (said.Length > 1 && result.GetValue(key) is { } file)
                result.AddError($"--key: found \"{file}\" for {said.Length} ids; allowed is one id: a key is one peer's");
        });
        command.SetAction((parsed, _) => actions.Keygen(new KeygenOptions
        {
            PeersFile = parsed.GetRequiredValue(peers),
            Ids = parsed.GetValue(ids) ?? [],
            Key = parsed.GetValue(key),
            Replace = parsed.GetValue(replace),
        }));
        return command;
    }

    Command Doctor()
    {
        var usual = new DoctorOptions { PeersFile = "" };
        var id = OptionKinds.Text("--id", "Which entry of the roster this is (default: by host name, RANK or SLURM_PROCID)", "ID");
        var key = OptionKinds.Text("--key", "This peer's secret key, made by peer keygen (default: ID.key beside peers.json)", "FILE");
        var folder = OptionKinds.Text("--out", "Where peer run would write (default: runs/RUN/ID)", "DIR");
        var wait = OptionKinds.Whole("--wait", "Seconds to look at the links for at most; it ends sooner when all are well", 1, 3600, usual.Wait);
        var json = OptionKinds.Flag("--json", "JSON instead of lines");
        var command = new Command("doctor",
            """
            Looks at all that a run needs, before one begins: libtorch, ZeroMQ, clock, disk, roster, key, data, and every link both ways, with
            the reason when one fails and what to do. It takes this peer's place at its ports, so peer run should not run here; on the other
            hosts peer run or peer doctor answers. A ring that runs is not disturbed. Exit code 0 when nothing failed, else 1.

            Examples:
              peer doctor --peers peers.json --id a --device cuda:0 --data /data/cifar10
              peer doctor --id a --wait 60                     started on all hosts within a minute
            """) { peers, id, key, device, data, folder, wait, json };
        command.SetAction((parsed, _) => actions.Doctor(new DoctorOptions
        {
            PeersFile = parsed.GetRequiredValue(peers),
            Id = parsed.GetValue(id),
            Key = parsed.GetValue(key),
            Device = parsed.GetRequiredValue(device),
            Data = parsed.GetValue(data),
            Out = parsed.GetValue(folder),
            Wait = parsed.GetValue(wait),
            Json = parsed.GetValue(json),
        }));
        return command;
    }

    Command Faults()
    {
        var folder = new Argument<string>("DIR") { Description = "A run's folder, or one peer's" };
        var command = new Command("faults",
            """
            Reports what went wrong in an earlier run, from the metrics.jsonl files below a folder.

            Example:
              peer faults runs/demo
            """) { folder };
        command.SetAction((parsed, _) => actions.Faults(new FaultsOptions { Folder = parsed.GetRequiredValue(folder) }));
        return command;
    }

    Command Evaluate()
    {
        var samples = OptionKinds.Whole("--samples", "Samples of the test part; 0 for all", 0, int.MaxValue, 0);
        var command = new Command("evaluate",
            """
            Measures trained weights on the test part of the data.

            Example:
              peer evaluate --peers peers.json --checkpoint runs/demo
            """) { peers, checkpoint, data, device, threads, samples };
        command.SetAction((parsed, _) => actions.Evaluate(new EvaluateOptions
        {
            PeersFile = parsed.GetRequiredValue(peers),
            Checkpoint = parsed.GetValue(checkpoint),
            Data = parsed.GetValue(data),
            Device = parsed.GetRequiredValue(device),
            Threads = parsed.GetValue(threads),
            Samples = parsed.GetValue(samples),
        }));
        return command;
    }

    Command Generate()
    {
        var usual = new GenerateOptions { PeersFile = "" };
        var prompt = OptionKinds.Text("--prompt", "What the text begins with (default: a line break)", "TEXT");
        var tokens = OptionKinds.Whole("--tokens", "Tokens to write", 1, 1_000_000, usual.Tokens);
        var temperature = OptionKinds.Number(
            "--temperature", "0: the likeliest always; 1: as the model says", 0, 10, usual.Temperature);
        var seed = OptionKinds.Whole("--seed", "Another number, another text", 0, int.MaxValue, usual.Seed);
        var command = new Command("generate",
            """
            Writes text with a trained gpt (data of kind text).

            Example:
              peer generate --peers examples/shakespeare.json --data FILE --prompt "ROMEO:" --tokens 300
            """) { peers, checkpoint, data, device, threads, prompt, tokens, temperature, seed };
        command.SetAction((parsed, _) => actions.Generate(new GenerateOptions
        {
            PeersFile = parsed.GetRequiredValue(peers),
            Checkpoint = parsed.GetValue(checkpoint),
            Data = parsed.GetValue(data),
            Device = parsed.GetRequiredValue(device),
            Threads = parsed.GetValue(threads),
            Prompt = parsed.GetValue(prompt) ?? usual.Prompt,
            Tokens = parsed.GetValue(tokens),
            Temperature = parsed.GetValue(temperature),
            Seed = parsed.GetValue(seed),
        }));
        return command;
    }

    Command Simulate()
    {
        var seeds = OptionKinds.Seeds();
        var count = OptionKinds.Whole("--peers", "How many peers, 2 to 7 (default: as each seed says)", 2, 7, null);
        var faults = OptionKinds.Faults();
        var jobs = OptionKinds.Whole("--jobs", "Seeds at a time (default: one a core)", 0, 1024, null);
        var verbose = OptionKinds.Flag("--verbose", "A line for every seed");
        var command = new Command("simulate",
            """
            Runs the ring on a simulated clock, network and disks, with faults by seed, and checks every promise after every event.
            A seed always does the same; one that fails prints what happened and the command that repeats it. Exit code 1 then.

            Examples:
              peer simulate --seeds 1..1000
              peer simulate --seeds 123..123 --peers 4 --faults crash,loss --verbose
            """) { seeds, count, faults, jobs, verbose };
        command.SetAction((parsed, _) => actions.Simulate(new SimulateOptions
        {
            FirstSeed = parsed.GetRequiredValue(seeds).First,
            LastSeed = parsed.GetRequiredValue(seeds).Last,
            Peers = parsed.GetValue(count) is > 0 and var some ? some : null,
            Faults = parsed.GetValue(faults),
            Jobs = parsed.GetValue(jobs),
            Verbose = parsed.GetValue(verbose),
        }));
        return command;
    }

    Command Compare()
    {
        var file = new Argument<string>("FILE") { Description = "What is compared" };
        var folder = OptionKinds.Text("--out", "Where results go (default: runs/compare/NAME)", "DIR");
        var jobs = OptionKinds.Whole("--jobs", "Runs at a time (default: one a core)", 0, 1024, 0);
        var command = new Command("compare",
            """
            Trains by several methods with several numbers of workers, each run a whole ring in one thread, and writes tables (CSV) and
            charts (SVG). Every finished run is kept: the same command goes on where it was stopped.

            Example:
              peer compare examples/compare/cifar10.json --data /data/cifar10
            """) { file, data, folder, device, jobs };
        command.SetAction((parsed, _) => actions.Compare(new CompareOptions
        {
            File = parsed.GetRequiredValue(file),
            Data = parsed.GetValue(data),
            Out = parsed.GetValue(folder),
            Device = parsed.GetRequiredValue(device),
            Jobs = parsed.GetValue(jobs),
        }));
        return command;
    }
}
