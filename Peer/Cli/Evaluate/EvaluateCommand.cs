using System.CommandLine;
using DecentralizedLion.Peer.Cli.Options;

namespace DecentralizedLion.Peer.Cli.Evaluate;

/// <summary><c>peer evaluate</c>: how good trained weights are.</summary>
static class EvaluateCommand
{
    public static Command Create(CommonOptions common, ICommandHandler<EvaluateOptions> handler)
    {
        var samples = OptionFactory.Whole("--samples", "Samples of the test part; 0 for all", 0, int.MaxValue, 0);
        var command = new Command("evaluate",
            """
            Measures trained weights on the test part of the data.

            Example:
              peer evaluate --peers peers.json --checkpoint runs/demo
            """) { common.Peers, common.Checkpoint, common.Data, common.Device, common.Threads, samples, common.Json };
        command.SetAction((parsed, stop) => handler.RunAsync(new EvaluateOptions
        {
            PeersFile = parsed.GetRequiredValue(common.Peers),
            Checkpoint = parsed.GetValue(common.Checkpoint),
            Data = parsed.GetValue(common.Data),
            Device = parsed.GetRequiredValue(common.Device),
            Threads = parsed.GetValue(common.Threads),
            Samples = parsed.GetValue(samples),
            Json = parsed.GetValue(common.Json),
        }, stop));
        return command;
    }
}
