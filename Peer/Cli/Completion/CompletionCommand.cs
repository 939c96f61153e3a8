using System.CommandLine;

namespace DecentralizedLion.Peer.Cli.Completion;

/// <summary><c>peer completion</c>: a script that lets a shell complete commands, options and their values.</summary>
static class CompletionCommand
{
    static readonly (string Shell, Func<CompletionTree, string> Script)[] scripts =
        [("bash", BashScript.Of), ("zsh", ZshScript.Of), ("fish", FishScript.Of)];

    public static Command Create()
    {
        string[] names = [.. scripts.Select(one => one.Shell)];
        var shell = new Argument<string>("SHELL") { Description = string.Join(", ", names[..^1]) + $" or {names[^1]}" };
        shell.CompletionSources.Add(names);
        shell.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } word && !names.Contains(word, StringComparer.Ordinal))
                result.AddError($"SHELL: found \"{word}\"; allowed is {string.Join(", ", names)}");
        });
        var command = new Command("completion",
            """
            Prints a script that completes commands, options and their values in a shell. It has all of them in it and does not
            start the program. The program's name is peer there: an alias, a function or a file on the path.

            Examples:
              source <(peer completion bash)                                       in ~/.bashrc
              peer completion zsh > ~/.zfunc/_peer                                 with fpath+=~/.zfunc before compinit
              peer completion fish > ~/.config/fish/completions/peer.fish
            """) { shell };
        command.SetAction(parsed =>
        {
            var script = scripts.First(one => one.Shell == parsed.GetRequiredValue(shell)).Script;
            parsed.InvocationConfiguration.Output.Write(script(CompletionTree.Of(parsed.RootCommandResult.Command)));
        });
        return command;
    }
}
