using System.CommandLine;

namespace DecentralizedLion.Peer.Cli.Reference;

/// <summary><c>peer reference</c>: the page docs/cli.md. It is for those who change the program, and not in the help.</summary>
static class ReferenceCommand
{
    public static Command Create()
    {
        var command = new Command("reference", "Prints docs/cli.md: all commands, options and exit codes.") { Hidden = true };
        command.SetAction(parsed =>
            parsed.InvocationConfiguration.Output.Write(ReferencePage.Of(parsed.RootCommandResult.Command)));
        return command;
    }
}
