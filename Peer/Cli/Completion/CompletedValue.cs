using System.CommandLine;
using System.CommandLine.Completions;

namespace DecentralizedLion.Peer.Cli.Completion;

/// <summary>The value of an option or argument as a shell completes it.</summary>
/// <param name="Kind">What it may be.</param>
/// <param name="Name">The word for it in the help: FILE, N.</param>
/// <param name="Words">The words that it may be, where it is one of some.</param>
/// <param name="IsList">True when it may be several of them, with commas between.</param>
sealed record CompletedValue(ValueKind Kind, string Name, IReadOnlyList<string> Words, bool IsList = false)
{
    /// <summary>Of an option. One that may stand without a value is completed as if it had none.</summary>
    public static CompletedValue Of(Option option) => option.Arity.MinimumNumberOfValues == 0 ? new(ValueKind.None, "", [])
        : Of(option, option.HelpName ?? "") with { IsList = option.Arity.MaximumNumberOfValues > 1 };

    public static CompletedValue Of(Argument argument) => Of(argument, argument.HelpName ?? argument.Name);

    static CompletedValue Of(Symbol symbol, string name)
    {
        string[] words = [.. symbol.GetCompletions(CompletionContext.Empty).Select(item => item.Label)];
        return words.Length > 0 ? new(ValueKind.Words, name, words) : new(KindOf(name.Split(' ')[0].TrimEnd('.')), name, []);
    }

    static ValueKind KindOf(string name) => name switch
    {
        "FILE" or "PATH" => ValueKind.File,
        "DIR" => ValueKind.Folder,
        _ => ValueKind.Other,
    };
}
