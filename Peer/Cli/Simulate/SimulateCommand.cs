using System.CommandLine;
using DecentralizedLion.Peer.Cli.Options;

namespace DecentralizedLion.Peer.Cli.Simulate;

/// <summary><c>peer simulate</c>: the ring under faults.</summary>
static class SimulateCommand
{
    public static Command Create(IActions actions)
    {
        var seeds = OptionFactory.Seeds();
        var count = OptionFactory.Whole("--peers", "How many peers, 2 to 7 (default: as each seed says)", 2, 7, null);
        var faults = OptionFactory.Faults();
        var jobs = OptionFactory.Whole("--jobs", "Seeds at a time (default: one a core)", 0, 1024, null);
        var verbose = OptionFactory.Flag("--verbose", "A line for every seed");
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
}
