using System.CommandLine;
using DecentralizedLion.Peer.Cli.Options;

namespace DecentralizedLion.Peer.Cli.Faults;

/// <summary><c>peer faults</c>: what went wrong in a run.</summary>
static class FaultsCommand
{
    public static Command Create(CommonOptions common, ICommandHandler<FaultsOptions> handler)
    {
        var folder = new Argument<string>("DIR") { Description = "A run's folder, or one peer's" };
        var command = new Command("faults",
            """
            Reports what went wrong in an earlier run, from the metrics.jsonl files below a folder.

            Example:
              peer faults runs/demo
            """) { folder, common.Json };
        command.SetAction((parsed, stop) => handler.RunAsync(new FaultsOptions
        {
            Folder = parsed.GetRequiredValue(folder),
            Json = parsed.GetValue(common.Json),
        }, stop));
        return command;
    }
}
