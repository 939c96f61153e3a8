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
            command.Description = FirstSentence(command.Description ?? "");
        return whole.Invoke(parseResult);
    }

    static string FirstSentence(string text)
    {
        var words = text.ReplaceLineEndings(" ");
        return words.IndexOf(". ", StringComparison.Ordinal) is >= 0 and var end ? words[..(end + 1)] : words;
    }
}
