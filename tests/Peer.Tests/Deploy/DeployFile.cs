using System.Text.RegularExpressions;
using DecentralizedLion.Peer.Tests.Cli;

namespace DecentralizedLion.Peer.Tests.Deploy;

/// <summary>A file of deploy/, and the commands of the program in it.</summary>
static partial class DeployFile
{
    public static string PathOf(params string[] parts) => Path.Combine([Repository.Root, "deploy", .. parts]);

    public static string Read(params string[] parts) => File.ReadAllText(PathOf(parts));

    /// <summary>The result of reading a command with the program's own command line.</summary>
    public static async Task<T> Parse<T>(string command)
    {
        var (_, asked, text) = await CommandLineTests.Invoke(command);
        Assert.True(asked is T, $"{command}: {text}");
        return (T)asked!;
    }

    /// <summary>The commands that a shell script or a comment gives to the program, without what only a shell makes of
    /// them.</summary>
    public static IReadOnlyList<string> CommandsIn(string script)
    {
        var joined = script.Replace("\\\n", " ", StringComparison.Ordinal);
        return [.. Command().Matches(joined).Select(match => match.Groups[1].Value)
            .Select(text => Arithmetic().Replace(text, "20000"))
            .Select(text => text.Replace("\"${hosts[@]}\"", "p0=n0 p1=n1", StringComparison.Ordinal)
                .Replace("$options", "--device cuda:0", StringComparison.Ordinal))
            .Select(text => Redirection().Replace(text, "").Replace("\"", "", StringComparison.Ordinal))];
    }

    // The program as a script names it, or as a comment and docs do.
    [GeneratedRegex("""(?:"\$peer"|"\$program/peer"|^#? *peer) ((?:init|run|doctor|keygen|demo|compare) [^\n]*)""",
        RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"\$\(\([^)]*\)\)")]
    private static partial Regex Arithmetic();

    [GeneratedRegex(@"\s*(?:>\s*\S+|&\s*$|#.*$)")]
    private static partial Regex Redirection();
}
