using System.CommandLine;
using System.Globalization;
using System.Text;
using DecentralizedLion.Peer.Cli.Options;

namespace DecentralizedLion.Peer.Cli.Reference;

/// <summary>All commands with their arguments and options, and the exit codes, as a page in Markdown.</summary>
static class ReferencePage
{
    const string Introduction = """
        # Commands

        `peer COMMAND --help` says the same in a terminal. Names of folders: RUN is the run's name, ID the peer's id.
        [configuration.md](configuration.md#commands) says how a peer finds its id, and has the fields of `peers.json`.

        This page is printed by `peer reference`, from the commands themselves; a test compares the two.
        """;

    /// <summary>The page of a program.</summary>
    public static string Of(Command program)
    {
        Command[] commands = [.. program.Subcommands.Where(command => !command.Hidden)];
        var page = new StringBuilder(Introduction).Append("\n\n| command | |\n|--|--|\n");
        foreach (var command in commands)
            page.Append($"| [`peer {command.Name}`](#peer-{command.Name}) | {HelpText.Of(command).Summary} |\n");
        foreach (var command in commands)
            Write(command, page);
        page.Append("\n## Exit codes\n\n| code | meaning |\n|--|--|\n");
        foreach (var (code, meaning) in ExitCode.All)
            page.Append(CultureInfo.InvariantCulture, $"| {code} | {meaning} |\n");
        return page.ToString();
    }

    static void Write(Command command, StringBuilder page)
    {
        var text = HelpText.Of(command);
        page.Append($"\n## peer {command.Name}\n\n{text.Body}\n");
        if (text.Examples.Length > 0)
            page.Append($"\n```\n{text.Examples}\n```\n");
        if (command.Arguments.Any(argument => !argument.Hidden))
            page.Append("\n| argument | meaning |\n|--|--|\n");
        foreach (var argument in command.Arguments.Where(argument => !argument.Hidden))
            page.Append($"| `{argument.Name}` | {Cell(argument.Description)} |\n");
        Option[] options = [.. command.Options.Where(option => !option.Hidden)];
        if (options.Length > 0)
            page.Append("\n| option | default | allowed | meaning |\n|--|--|--|--|\n");
        foreach (var option in options)
            page.Append(Row(option));
    }

    static string Row(Option option)
    {
        var (meaning, usual) = HelpText.WithoutDefault(option.Description ?? "");
        var name = option.HelpName is not { } value ? option.Name
            : option.Arity.MinimumNumberOfValues > 0 ? $"{option.Name} {value}" : $"{option.Name} [{value}]";
        if (option.Required)
            usual = "required";
        else if (option.ValueType != typeof(bool) && option.HasDefaultValue)
            usual = $"`{Text(option.GetDefaultValue())}`";
        var allowed = (option as IAllowedValues)?.Allowed ?? "";
        // The help lists at the end of a text what has a column here.
        if (allowed.Length > 0 && meaning.EndsWith($": {allowed}", StringComparison.Ordinal))
            meaning = meaning[..^(allowed.Length + 2)];
        return $"| `{Cell(name)}` | {Cell(usual)} | {Cell(allowed)} | {Cell(meaning)} |\n";
    }

    static string Text(object? value) => value switch
    {
        Enum word => $"{word}".ToLowerInvariant(),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => $"{value}",
    };

    /// <summary>A text in a cell of a table.</summary>
    static string Cell(string? text) => (text ?? "").ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);
}
