using System.CommandLine;
using System.CommandLine.Parsing;
using DecentralizedLion.Peer.Cli.Options;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary><c>peer compare</c>: methods side by side.</summary>
static class CompareCommand
{
    public static Command Create(CommonOptions common, ICommandHandler<CompareOptions> handler)
    {
        var file = new Argument<string>("FILE") { Description = "JSON file that lists the series (see examples/compare)" };
        var folder = OptionFactory.Text("--out", "Where results go (default: runs/compare/NAME)", "DIR");
        var jobs = OptionFactory.Whole("--jobs", "Runs at a time (default: one a core)", 0, 1024, null);
        var report = OptionFactory.Flag("--report",
            "No training: tables and charts of the runs that are finished, and how many are missing");
        var shard = new CheckedOption<Shard?>("--shard", Shard.Allowed, Shard.TryParse)
        {
            Description = "Make only this part of the runs, one of N that are started with the same file and folder; --report "
                + "puts them together",
            HelpName = "I/N",
        };
        var command = new Command("compare",
            """
            Trains with several methods and compares them. Each run is a whole ring in one thread; there is a run for each series,
            number of workers and seed. It writes tables (CSV, Markdown) and charts (SVG), and keeps every finished run: the same
            command continues where it stopped. Several machines that share a folder divide the runs with --shard.

            Examples:
              peer compare examples/compare/cifar10.json --data /data/cifar10
              peer compare examples/compare/cifar10.json --data /data/cifar10 --report
              peer compare examples/compare/cifar10.json --data /data/cifar10 --report --json
              peer compare examples/compare/cifar10.json --data /data/cifar10 --out /shared/cifar10 --shard 1/4
            """) { file, common.Data, folder, common.Device, jobs, report, shard, common.Json };
        command.AddCheck(result => Check(result, shard, report, common.Json));
        command.SetAction((parsed, stop) => handler.RunAsync(new CompareOptions
        {
            File = parsed.GetRequiredValue(file),
            Data = parsed.GetValue(common.Data),
            Out = parsed.GetValue(folder),
            Device = parsed.GetRequiredValue(common.Device),
            Jobs = parsed.GetValue(jobs),
            Report = parsed.GetValue(report),
            Shard = parsed.GetValue(shard),
            Json = parsed.GetValue(common.Json),
        }, stop));
        return command;
    }

    static void Check(CommandResult result, Option<Shard?> shard, params Option<bool>[] others)
    {
        foreach (var other in others)
            if (result.GetResult(shard) is { Implicit: false } && result.GetValue(other))
                result.AddError($"{other.Name}: found together with --shard, which writes no tables; allowed is {other.Name} "
                    + "without it, for what all shards have made");
    }
}
