using System.CommandLine;

namespace DecentralizedLion.Peer.Cli.Options;

/// <summary>An option whose error names it, what was found and what is allowed.</summary>
sealed class CheckedOption<T> : Option<T>, IAllowedValues
{
    /// <param name="name">The option.</param>
    /// <param name="allowed">The values that are allowed, in words that follow "allowed is".</param>
    /// <param name="parse">Reads a value.</param>
    public CheckedOption(string name, string allowed, ValueParser<T> parse) : base(name)
    {
        Allowed = allowed;
        CustomParser = result =>
        {
            var text = string.Join(',', result.Tokens.Select(token => token.Value)); // several only where it may be repeated
            if (!parse(text, out var value))
                result.AddError($"{name}: found \"{text}\"; allowed is {allowed}");
            return value;
        };
    }

    public string Allowed { get; }
}
