using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace DecentralizedLion.Peer.Cli;

/// <summary>The help of the program, where a list of commands has only the first sentence of each command's text.</summary>
sealed class BriefHelp(HelpAction whole) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        foreach (var command in parseResult.CommandResult.Command.Subcommands)
            command.Description = HelpText.Of(command).Summary;
        return whole.Invoke(parseResult);
    }
}
