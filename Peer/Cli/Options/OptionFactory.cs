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
    public static Option<int> Whole(string name, string help, int min, int max, int? fallback) =>
        new CheckedOption<int>(name, $"a whole number from {min} to {max}", (text, out value) =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
            && value >= min && value <= max)
        {
            Description = help,
            HelpName = "N",
            DefaultValueFactory = fallback is { } usual ? _ => usual : null,
        };

    public static Option<double> Number(string name, string help, double min, double max, double? fallback) =>
        new CheckedOption<double>(name, FormattableString.Invariant($"a number from {min} to {max}"), (text, out value) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && value >= min && value <= max)
        {
            Description = help,
            HelpName = "X",
            DefaultValueFactory = fallback is { } usual ? _ => usual : null,
        };

    /// <param name="name">The option.</param>
    /// <param name="help">What it says.</param>
    /// <param name="words">The words that it takes.</param>
    /// <param name="usual">The word when it is not given.</param>
    /// <param name="valueOf">What a word stands for.</param>
    public static Option<T> Word<T>(string name, string help, string[] words, string usual, Func<string, T> valueOf)
    {
        var option = new CheckedOption<T>(name, string.Join(" or ", words), (text, out value) =>
        {
            value = valueOf(text);
            return words.Contains(text, StringComparer.Ordinal);
        })
        {
            Description = help,
            HelpName = string.Join('|', words),
            DefaultValueFactory = _ => valueOf(usual),
        };
        option.CompletionSources.Clear();
        option.CompletionSources.Add(words);
        return option;
    }

    public static Option<string> Device()
    {
        var option = new CheckedOption<string>("--device", DeviceName.Allowed, (text, out value) =>
        {
            value = text;
            return DeviceName.IsValid(text);
        })
        {
            Description = "Where gradients are computed: cpu, cuda or cuda:N",
            HelpName = "DEVICE",
            DefaultValueFactory = _ => "cpu",
        };
        option.CompletionSources.Add("cpu", "cuda");
        return option;
    }
}
