using System.Text;

namespace DecentralizedLion.Peer.Cli.Completion;

/// <summary>The script for zsh, for a file _peer in a folder of fpath or to be sourced after compinit.</summary>
static class ZshScript
{
    const string Middle = """
            )
            if (( CURRENT == 2 )); then
                _describe -t commands command commands
                compadd -- --help --version
                return
            fi
            local command=$words[2]
            shift words
            (( CURRENT-- ))
            case $command in

        """;

    const string Tail = """
            esac
        }
        if [[ $funcstack[1] = _peer ]]; then
            _peer "$@"
        else
            compdef _peer peer
        fi

        """;

    public static string Of(CompletionTree tree)
    {
        var script = new StringBuilder("#compdef peer\n# Completes the commands and options of peer in zsh.\n_peer() {\n"
            + "    local -a commands=(\n");
        foreach (var command in tree.Commands)
            script.Append($"        {Quoted($"{command.Name}:{command.Text}")}\n");
        script.Append(Middle);
        foreach (var command in tree.Commands)
        {
            IEnumerable<string> specifications = command.Options.Select(Specification);
            if (command.Argument is { } argument)
                specifications = specifications.Append($"*{Value(argument)}");
            script.Append($"        {command.Name}) _arguments")
                .AppendJoin("", specifications.Select(one => $" \\\n            {Quoted(one)}")).Append(" ;;\n");
        }
        return script.Append(Tail).ToString();
    }

    static string Specification(CompletedOption option)
    {
        var text = option.Text.Replace("[", "(", StringComparison.Ordinal).Replace("]", ")", StringComparison.Ordinal);
        return option.Value.Kind == ValueKind.None ? $"{option.Name}[{text}]" : $"{option.Name}=[{text}]{Value(option.Value)}";
    }

    static string Value(CompletedValue value)
    {
        var words = string.Join(' ', value.Words);
        var action = value.Kind switch
        {
            ValueKind.Words => value.IsList ? $"_values -s , {value.Name} {words}" : $"({words})",
            ValueKind.File => "_files",
            ValueKind.Folder => "_files -/",
            _ => " ",
        };
        return $":{value.Name.Replace(":", "\\:", StringComparison.Ordinal)}:{action}";
    }

    static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
