using System.CommandLine;
using System.Globalization;
using DecentralizedLion.Peer.Cli.Options;
using DecentralizedLion.Topology.Simulation.Faults;

namespace DecentralizedLion.Peer.Cli.Simulate;

/// <summary><c>peer simulate</c>: the ring under faults.</summary>
static class SimulateCommand
{
    public static Command Create(CommonOptions common, ICommandHandler<SimulateOptions> handler)
    {
        var seeds = Seeds();
        var count = OptionFactory.Whole("--peers", "How many peers, 2 to 256 (default: as each seed says, 2 to 7)", 2, 256, null);
        var faults = FaultKinds();
        var jobs = OptionFactory.Whole("--jobs", "Seeds at a time (default: one a core)", 0, 1024, null);
        var verbose = OptionFactory.Flag("--verbose", "A line for every seed");
        var command = new Command("simulate",
            """
            Runs the ring on a simulated clock, network and disks. Each seed is one run with faults of its own, and every
            invariant is checked after every event. The same seed always gives the same run. For a seed that fails, it prints
            what happened and the command that repeats the run, and the exit code is 1.

            Examples:
              peer simulate --seeds 1..1000
              peer simulate --seeds 123..123 --peers 4 --faults crash,loss --verbose
            """) { seeds, count, faults, jobs, verbose, common.Json };
        command.SetAction((parsed, stop) => handler.RunAsync(new SimulateOptions
        {
            FirstSeed = parsed.GetRequiredValue(seeds).First,
            LastSeed = parsed.GetRequiredValue(seeds).Last,
            Peers = parsed.GetValue(count) is > 0 and var some ? some : null,
            Faults = parsed.GetValue(faults),
            Jobs = parsed.GetValue(jobs),
            Verbose = parsed.GetValue(verbose),
            Json = parsed.GetValue(common.Json),
        }, stop));
        return command;
    }

    static CheckedOption<(int First, int Last)> Seeds() =>
        new("--seeds", $"A..B, two whole numbers from 0 to {int.MaxValue}, the smaller first: 1..1000", TryParseSeeds)
        {
            Description = "The seeds to run, such as 1..1000",
            HelpName = "A..B",
            Required = true,
        };

    static bool TryParseSeeds(string text, out (int First, int Last) seeds)
    {
        seeds = default;
        var parts = text.Split("..");
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out seeds.First)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out seeds.Last)
            && seeds.First <= seeds.Last;
    }

    static CheckedOption<IReadOnlyList<FaultKind>?> FaultKinds()
    {
        string[] names = [.. FaultSchedule.AllKinds.Select(SimulateOptions.NameOf)];
        var option = new CheckedOption<IReadOnlyList<FaultKind>?>("--faults", string.Join(", ", names), (text, out value) =>
        {
            // The former name is accepted for one release.
            int[] places = [.. text.Split(',').Select(word => Array.IndexOf(names,
                word == "refound" ? SimulateOptions.NameOf(FaultKind.ForceNewRing) : word))];
            value = places.Contains(-1) ? null : [.. places.Select(place => FaultSchedule.AllKinds[place])];
            return value is not null;
        })
        {
            Description = $"Families of faults, with commas between (default: as each seed says): {string.Join(", ", names)}",
            HelpName = "A,B",
        };
        option.CompletionSources.Add(names);
        return option;
    }
}
