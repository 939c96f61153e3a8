using System.CommandLine;
using System.Text.RegularExpressions;

namespace DecentralizedLion.Peer.Cli;

/// <summary>The parts of a command's text.</summary>
/// <param name="Summary">Its first sentence.</param>
/// <param name="Body">All of it but the examples.</param>
/// <param name="Examples">The examples, one a line; empty without any.</param>
sealed partial record HelpText(string Summary, string Body, string Examples)
{
    /// <summary>Divides the text of a command.</summary>
    public static HelpText Of(Command command)
    {
        var whole = (command.Description ?? "").ReplaceLineEndings("\n");
        var parts = Heading().Split(whole, 2);
        var examples = parts.Length < 2 ? [] : parts[1].Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0);
        return new HelpText(FirstSentence(parts[0]), parts[0].Trim(), string.Join('\n', examples));
    }

    /// <summary>The text of an option and the default that it names in brackets; empty without any.</summary>
    public static (string Text, string Default) WithoutDefault(string text)
    {
        var match = Default().Match(text);
        return match.Success ? (text.Remove(match.Index, match.Length), match.Groups[1].Value) : (text, "");
    }

    static string FirstSentence(string text)
    {
        var words = text.ReplaceLineEndings(" ").Trim();
        return words.IndexOf(". ", StringComparison.Ordinal) is >= 0 and var end ? words[..(end + 1)] : words;
    }

    [GeneratedRegex(@"\n\s*Examples?:\n")]
    private static partial Regex Heading();

    [GeneratedRegex(@" \(default: ([^)]*)\)")]
    private static partial Regex Default();
}
