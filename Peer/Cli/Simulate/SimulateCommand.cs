using System.CommandLine;
using System.Globalization;
using DecentralizedLion.Peer.Cli.Options;
using DecentralizedLion.Topology.Simulation.Faults;

namespace DecentralizedLion.Peer.Cli.Simulate;

/// <summary><c>peer simulate</c>: the ring under faults.</summary>
static class SimulateCommand
{
    public static Command Create(ICommandHandler<SimulateOptions> handler)
    {
        var seeds = Seeds();
        var count = OptionFactory.Whole("--peers", "How many peers, 2 to 256 (default: as each seed says, 2 to 7)", 2, 256, null);
        var faults = FaultKinds();
        var jobs = OptionFactory.Whole("--jobs", "Seeds at a time (default: one a core)", 0, 1024, null);
        var verbose = OptionFactory.Flag("--verbose", "A line for every seed");
        var command = new Command("simulate",
            """
            Runs the ring on a simulated clock, network and disks. Each seed has its faults, and every invariant is checked after
            every event. A seed always does the same; one that fails prints what happened and the command that repeats it.
            Exit code 1 then.

            Examples:
              peer simulate --seeds 1..1000
              peer simulate --seeds 123..123 --peers 4 --faults crash,loss --verbose
            """) { seeds, count, faults, jobs, verbose };
        command.SetAction((parsed, stop) => handler.RunAsync(new SimulateOptions
        {
            FirstSeed = parsed.GetRequiredValue(seeds).First,
            LastSeed = parsed.GetRequiredValue(seeds).Last,
            Peers = parsed.GetValue(count) is > 0 and var some ? some : null,
            Faults = parsed.GetValue(faults),
            Jobs = parsed.GetValue(jobs),
            Verbose = parsed.GetValue(verbose),
        }, stop));
        return command;
    }

    static Option<(int First, int Last)> Seeds() => new("--seeds")
    {
        Description = "The seeds to run, such as 1..1000",
        HelpName = "A..B",
        Required = true,
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            var parts = text.Split("..");
            if (parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) && first <= last)
                return (first, last);
            result.AddError($"--seeds: found \"{text}\"; allowed are two whole numbers from 0 to {int.MaxValue}, "
                + "the smaller first: 1..1000");
            return default;
        },
    };

    static Option<IReadOnlyList<FaultKind>?> FaultKinds()
    {
        string[] names = [.. FaultSchedule.AllKinds.Select(SimulateOptions.NameOf)];
        return new("--faults")
        {
            Description = $"Families of faults (default: as each seed says): {string.Join(", ", names)}",
            HelpName = "A,B",
            CustomParser = result =>
            {
                var kinds = new List<FaultKind>();
                foreach (var word in result.Tokens.SelectMany(token => token.Value.Split(',')))
                {
                    // The former name is accepted for one release.
                    var at = Array.IndexOf(names, word == "refound" ? SimulateOptions.NameOf(FaultKind.ForceNewRing) : word);
                    if (at >= 0)
                        kinds.Add(FaultSchedule.AllKinds[at]);
                    else
                        result.AddError($"--faults: found \"{word}\"; allowed are {string.Join(", ", names)}");
                }
                return kinds.Count == 0 ? null : kinds;
            },
        };
    }
}
