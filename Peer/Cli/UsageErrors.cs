using System.CommandLine;
using System.CommandLine.Parsing;
using DecentralizedLion.Peer.Cli.Options;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Cli;

/// <summary>Says what of a command line is not understood, and what is allowed in its place.</summary>
static class UsageErrors
{
    public static void Write(ParseResult parsed, TextWriter error)
    {
        var command = parsed.CommandResult.Command;
        var path = command is RootCommand ? "peer" : $"peer {command.Name}";
        if (parsed.UnmatchedTokens.Count > 0)
            foreach (var token in Blamed(parsed.UnmatchedTokens))
                error.WriteLine(Unknown(command, path, token));
        else
            foreach (var problem in parsed.Errors)
                error.WriteLine(Text(problem));
        if (command is RootCommand && parsed.UnmatchedTokens.Count == 0)
            error.WriteLine($"Allowed commands: {string.Join(", ", CommandsOf(command))}");
        error.WriteLine($"{path} --help explains all {(command is RootCommand ? "commands" : "options")}.");
    }

    /// <summary>The library's own words name neither what was found nor what is allowed.</summary>
    static string Text(ParseError problem) => problem.SymbolResult switch
    {
        OptionResult option when CommandChecks.HasTooMany(option) =>
            $"{option.Option.Name}: given {option.Tokens.Count} times; allowed is once",
        OptionResult { Tokens.Count: 0, Implicit: false } option =>
            $"{option.Option.Name}: found no value; needed is {option.Option.HelpName}",
        ArgumentResult { Parent: OptionResult { Tokens.Count: 0, Implicit: false } option } =>
            $"{option.Option.Name}: found no value; needed is {option.Option.HelpName}",
        _ => problem.Message,
    };

    /// <summary>A word after an unknown option is probably its value and not to blame.</summary>
    static IReadOnlyList<string> Blamed(IReadOnlyList<string> tokens) =>
        tokens.Any(t => t.StartsWith('-')) ? [.. tokens.Where(t => t.StartsWith('-'))] : tokens;

    static string Unknown(Command command, string path, string token)
    {
        var isOption = token.StartsWith('-') || command.Subcommands.Count == 0;
        string[] allowed = isOption
            ? [.. command.Options.Where(o => !o.Hidden).Select(o => o.Name)]
            : [.. CommandsOf(command)];
        var nearest = NameSuggestion.Nearest(token.Split('=')[0], allowed);
        return $"{token}: unknown {(token.StartsWith('-') ? "option" : isOption ? "word" : "command")} of {path}"
            + (nearest is null ? "." : $"; did you mean {nearest}?")
            + $" Allowed: {string.Join(", ", allowed)}";
    }

    static IEnumerable<string> CommandsOf(Command command) => command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name);
}
