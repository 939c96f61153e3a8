using System.Diagnostics;
using DecentralizedLion.Peer.Cli;

namespace DecentralizedLion.Peer.Tests.Cli.Completion;

/// <summary>The scripts of <c>peer completion</c>, in the shells themselves.</summary>
public sealed class CompletionTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [ShellFact("bash")]
    public async Task Bash_completes_commands_options_and_values()
    {
        // Each line that bash reads is completed as if the cursor stood at its end.
        var found = await Complete("bash", """
            source "$1"
            while IFS= read -r line; do
                read -ra COMP_WORDS <<<"$line"
                [[ $line = *' ' ]] && COMP_WORDS+=('')
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _peer
                echo "${COMPREPLY[*]}"
            done
            """);
        Assert.Equal(["demo doctor dashboard", "--data --dashboard --dashboard-token", "cpu cuda", "cuda", "loss",
            "crash,loss", "bash fish zsh --help", "", "", "--report"], found);
    }

    [ShellFact("fish")]
    public async Task Fish_completes_commands_options_and_values()
    {
        var found = await Complete("fish", """
            source $argv[1]
            while read line
                echo (complete -C $line | string split -f1 \t | string match -rv '/$')
            end
            """);
        Assert.Equal(["dashboard demo doctor", "--dashboard --dashboard-token --data", "cpu cuda", "--device=cuda", "loss",
            "crash,loss", "bash fish zsh", "", "x.json", "--report"], found);
    }

    [ShellFact("zsh")]
    public async Task Zsh_reads_its_script()
    {
        var (code, _, script) = await CommandLineTests.Invoke("completion zsh");
        Assert.Equal(ExitCode.Done, code);
        await File.WriteAllTextAsync(folder.File("script"), script);
        await Run("zsh", ["-f", "-c", "autoload -Uz compinit; compinit -u -D; source \"$1\"; [[ $_comps[peer] = _peer ]]", "-",
            folder.File("script")], "");
    }

    [Fact]
    public async Task Another_shell_is_refused_by_name()
    {
        var (code, _, text) = await CommandLineTests.Invoke("completion tcsh");
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("SHELL: found \"tcsh\"; allowed is bash, zsh, fish", text);
    }

    /// <summary>What a shell finds for some beginnings of lines, a line each.</summary>
    async Task<string[]> Complete(string shell, string driver)
    {
        var (code, _, script) = await CommandLineTests.Invoke($"completion {shell}");
        Assert.Equal(ExitCode.Done, code);
        await File.WriteAllTextAsync(folder.File("script"), script);
        await File.WriteAllTextAsync(folder.File("driver"), driver);
        await File.WriteAllTextAsync(folder.File("x.json"), "{}");
        string[] lines = ["peer d", "peer run --da", "peer run --device ", "peer run --device = cu",
            "peer simulate --faults lo", "peer simulate --faults crash,lo", "peer completion ", "peer run --threads ",
            "peer compare x", "peer compare x.json --r"];
        if (shell == "fish")
            lines[3] = "peer run --device=cu";
        var output = await Run(shell, [folder.File("driver"), folder.File("script")], string.Join('\n', lines) + "\n");
        return [.. output.TrimEnd('\n').Split('\n')];
    }

    async Task<string> Run(string shell, string[] arguments, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(shell, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = folder.Path,
        })!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
