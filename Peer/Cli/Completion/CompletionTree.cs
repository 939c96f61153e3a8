using System.CommandLine;

namespace DecentralizedLion.Peer.Cli.Completion;

/// <summary>All that a shell completes: the commands and their options, without hidden ones.</summary>
/// <param name="Commands">The commands.</param>
/// <param name="Options">The options without a command.</param>
sealed record CompletionTree(IReadOnlyList<CompletedCommand> Commands, IReadOnlyList<CompletedOption> Options)
{
    static readonly CompletedOption help = new("--help", "Show help and usage information", new(ValueKind.None, "", []));

    /// <summary>Those of the program.</summary>
    public static CompletionTree Of(Command program) => new(
        [.. program.Subcommands.Where(command => !command.Hidden).Select(Command)],
        [.. program.Options.Where(option => !option.Hidden).Select(Option)]);

    static CompletedCommand Command(Command command) => new(command.Name, HelpText.Of(command).Summary,
        [.. command.Options.Where(option => !option.Hidden).Select(Option), help],
        command.Arguments.FirstOrDefault(argument => !argument.Hidden) is { } first ? CompletedValue.Of(first) : null);

    static CompletedOption Option(Option option) =>
        new(option.Name, (option.Description ?? "").ReplaceLineEndings(" "), CompletedValue.Of(option));
}
