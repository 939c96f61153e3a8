using System.CommandLine;
using System.Globalization;
using DecentralizedLion.Peer.Training;

namespace DecentralizedLion.Peer.Cli.Options;

/// <summary>Options whose errors name the option, the value and what is allowed.</summary>
static class OptionFactory
{
    public static Option<string?> Text(string name, string help, string value) =>
        new(name) { Description = help, HelpName = value };

    public static Option<bool> Flag(string name, string help) => new(name) { Description = help };

    /// <summary>The former name of a flag, which is accepted for one release and not shown in the help.</summary>
    public static Option<bool> OldName(string name, Option<bool> flag) =>
        new(name) { Description = $"The former name of {flag.Name}", Hidden = true };

    /// <summary>Says which flags were given by a former name, and their names now.</summary>
    public static void NoteOldNames(ParseResult parsed, params ReadOnlySpan<(Option<bool> Old, Option<bool> Flag)> names)
    {
        foreach (var (old, flag) in names)
        {
            if (parsed.GetValue(old))
                parsed.InvocationConfiguration.Error.WriteLine(
                    $"note: {old.Name} is {flag.Name} now; the old name will be removed in the next release");
        }
    }

    /// <param name="name">The option.</param>
    /// <param name="help">What it says.</param>
    /// <param name="min">The least that is allowed.</param>
    /// <param name="max">The most.</param>
    /// <param name="fallback">What it is when it is not given; null for 0, where the help says in words what that means.</param>
    public static Option<int> Whole(string name, string help, int min, int max, int? fallback) => new(name)
    {
        Description = help,
        HelpName = "N",
        DefaultValueFactory = fallback is { } usual ? _ => usual : null,
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                && number >= min && number <= max)
                return number;
            result.AddError($"{name}: found \"{text}\"; allowed is a whole number from {min} to {max}");
            return fallback ?? 0;
        },
    };

    public static Option<double> Number(string name, string help, double min, double max, double? fallback) => new(name)
    {
        Description = help,
        HelpName = "X",
        DefaultValueFactory = fallback is { } usual ? _ => usual : null,
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && number >= min && number <= max)
                return number;
            result.AddError(FormattableString.Invariant($"{name}: found \"{text}\"; allowed is a number from {min} to {max}"));
            return fallback ?? 0;
        },
    };

    public static Option<string> Device() => new("--device")
    {
        Description = "Where gradients are computed: cpu, cuda or cuda:N",
        HelpName = "DEVICE",
        DefaultValueFactory = _ => "cpu",
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (!DeviceName.IsValid(text))
                result.AddError($"--device: found \"{text}\"; allowed is {DeviceName.Allowed}");
            return text;
        },
    };
}
