using System.CommandLine;
using DecentralizedLion.Peer.Cli.Options;

namespace DecentralizedLion.Peer.Cli.Export;

/// <summary><c>peer export</c>: trained weights for PyTorch.</summary>
static class ExportCommand
{
    public static Command Create(CommonOptions common, ICommandHandler<ExportOptions> handler)
    {
        var safetensors = OptionFactory.Text("--safetensors", "Write the weights, by PyTorch's names", "FILE");
        var torchScript = OptionFactory.Text(
            "--torchscript", "Write the network with its weights; with model.kind torchscript", "FILE");
        var command = new Command("export",
            """
            Writes trained weights to a file that PyTorch reads. It needs no data.

            Examples:
              peer export --checkpoint runs/demo --safetensors demo.safetensors
              peer export --peers peers.json --torchscript trained.pt
            """) { common.Peers, common.Checkpoint, safetensors, torchScript, common.Force, common.Json };
        command.AddCheck(result =>
        {
            if (result.GetValue(safetensors) is null && result.GetValue(torchScript) is null)
                result.AddError("peer export: found no file to write; needed is --safetensors FILE, --torchscript FILE or both");
        });
        command.SetAction((parsed, stop) => handler.RunAsync(new ExportOptions
        {
            PeersFile = parsed.GetRequiredValue(common.Peers),
            Checkpoint = parsed.GetValue(common.Checkpoint),
            Safetensors = parsed.GetValue(safetensors),
            TorchScript = parsed.GetValue(torchScript),
            Force = parsed.GetValue(common.Force),
            Json = parsed.GetValue(common.Json),
        }, stop));
        return command;
    }
}
