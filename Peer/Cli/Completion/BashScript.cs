using System.Text;

namespace DecentralizedLion.Peer.Cli.Completion;

/// <summary>The script for bash. Where it finds nothing, bash itself completes names of files.</summary>
static class BashScript
{
    const string Head = """
        # Completes the commands and options of peer in bash:  source <(peer completion bash)
        _peer() {
            local word="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" head='' words=''
            COMPREPLY=()
            # bash divides --option=value into three words
            if [ "$word" = = ]; then
                word=''
            elif [ "$previous" = = ]; then
                previous="${COMP_WORDS[COMP_CWORD-2]}"
            fi

        """;

    const string Tail = """
            # several words may stand in one, with commas between
            case $word in
                -*) ;;
                *,*) head="${word%,*},"; word="${word##*,}" ;;
            esac
            COMPREPLY=($(compgen -P "$head" -W "$words" -- "$word"))
        }
        complete -o default -F _peer peer

        """;

    public static string Of(CompletionTree tree)
    {
        var script = new StringBuilder(Head);
        script.Append("    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        words='")
            .AppendJoin(' ', tree.Commands.Select(command => command.Name).Concat(tree.Options.Select(option => option.Name)))
            .Append("'\n    else\n        case \"${COMP_WORDS[1]} $previous\" in\n");
        var all = tree.Commands.SelectMany(command =>
            command.Options.Select(option => (Pattern: $"'{command.Name} {option.Name}'", option.Value))).ToArray();
        Append(all.Where(one => one.Value.Kind is ValueKind.File or ValueKind.Folder), "return");
        Append(all.Where(one => one.Value.Kind == ValueKind.Other), "compopt +o default 2>/dev/null; return");
        foreach (var same in all.Where(one => one.Value.Kind == ValueKind.Words)
            .GroupBy(one => string.Join(' ', one.Value.Words)))
            Append(same, $"words='{same.Key}'");
        script.Append("            *)\n                case \"${COMP_WORDS[1]} $word\" in\n");
        foreach (var command in tree.Commands)
            AppendWords(command);
        script.Append("                esac ;;\n        esac\n    fi\n").Append(Tail);
        return script.ToString();

        void Append(IEnumerable<(string Pattern, CompletedValue)> options, string action) =>
            script.Append("            ").AppendJoin(" | ", options.Select(option => option.Pattern))
                .Append($")\n                {action} ;;\n");

        // An argument that is a file is completed by bash itself; where there is none, options come without a dash, too.
        void AppendWords(CompletedCommand command)
        {
            var words = command.Argument is { Kind: ValueKind.Words, Words: var some } ? some : [];
            var first = command.Argument is { Kind: ValueKind.File or ValueKind.Folder } ? "-" : "";
            script.Append($"                    '{command.Name} {first}'*) words='")
                .AppendJoin(' ', words.Concat(command.Options.Select(option => option.Name))).Append("' ;;\n");
        }
    }
}
