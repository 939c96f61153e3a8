using System.Text;

namespace DecentralizedLion.Peer.Cli.Completion;

/// <summary>The script for fish.</summary>
static class FishScript
{
    const string Head = """
        # Completes the commands and options of peer in fish.
        function __peer_command_is
            set -l words (commandline -opc)
            test (count $words) -ge 2; and test $words[2] = $argv[1]
        end
        complete -c peer -f

        """;

    public static string Of(CompletionTree tree)
    {
        var script = new StringBuilder(Head);
        foreach (var command in tree.Commands)
            script.Append($"complete -c peer -n __fish_use_subcommand -a {command.Name} -d {Quoted(command.Text)}\n");
        foreach (var option in tree.Options)
            script.Append($"complete -c peer -n __fish_use_subcommand -l {option.Name[2..]} -d {Quoted(option.Text)}\n");
        foreach (var command in tree.Commands)
        {
            var condition = $"complete -c peer -n '__peer_command_is {command.Name}'";
            if (command.Argument is { Kind: not ValueKind.Other } argument)
                script.Append($"{condition}{Value(argument, ofOption: false)}\n");
            foreach (var option in command.Options)
                script.Append($"{condition} -l {option.Name[2..]}{Value(option.Value, ofOption: true)} ")
                    .Append($"-d {Quoted(option.Text)}\n");
        }
        return script.ToString();
    }

    static string Value(CompletedValue value, bool ofOption)
    {
        var words = string.Join(' ', value.Words);
        return (ofOption && value.Kind != ValueKind.None ? " -r" : "") + value.Kind switch
        {
            ValueKind.Words => value.IsList ? $" -f -a '(__fish_append , {words})'" : $" -f -a '{words}'",
            ValueKind.File => " -F",
            ValueKind.Folder => " -f -a '(__fish_complete_directories)'",
            _ => " -f",
        };
    }

    static string Quoted(string text) => $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("'", "\\'", StringComparison.Ordinal)}'";
}
