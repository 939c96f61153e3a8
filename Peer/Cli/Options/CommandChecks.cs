using System.CommandLine;
using System.CommandLine.Parsing;

namespace DecentralizedLion.Peer.Cli.Options;

/// <summary>Checks of a command line that go beyond the value of one option.</summary>
static class CommandChecks
{
    /// <summary>Adds a check of a command's options against each other. It is not asked where an option has too many values,
    /// which the parser refuses and has no value for.</summary>
    public static void AddCheck(this Command command, Action<CommandResult> check) => command.Validators.Add(result =>
    {
        if (!result.Children.OfType<OptionResult>().Any(HasTooMany))
            check(result);
    });

    /// <summary>True when an option is given more often than it may be.</summary>
    public static bool HasTooMany(OptionResult result) => result.Tokens.Count > result.Option.Arity.MaximumNumberOfValues;

    /// <summary>Has a command refuse texts of no characters: no file, folder, name or address is spelled so, and a script's
    /// unset variable is.</summary>
    public static void RefuseEmptyTexts(Command command)
    {
        foreach (var option in command.Options.Where(option => option.ValueType == typeof(string)))
            option.Validators.Add(result => RefuseEmpty(result, option.Name, option.HelpName ?? "a text"));
        foreach (var argument in command.Arguments)
            argument.Validators.Add(result => RefuseEmpty(result, argument.Name, argument.Name));
    }

    static void RefuseEmpty(SymbolResult result, string name, string allowed)
    {
        if (result.Tokens.Any(token => token.Value.Length == 0))
            result.AddError($"{name}: found \"\"; allowed is {allowed}, not empty");
    }
}
