using System.Globalization;

namespace DecentralizedLion.Fuzz;

/// <summary>The options of the command line.</summary>
/// <param name="Inputs">How many inputs a parser.</param>
/// <param name="Parser">Only this one; null: all.</param>
/// <param name="Seed">Decides the inputs.</param>
/// <param name="Only">Only the input of this number; null: all.</param>
/// <param name="Trace">Says each input's number before it is run.</param>
sealed record FuzzOptions(long Inputs, string? Parser, ulong Seed, long? Only, bool Trace)
{
    public const string Usage = """
        dotnet run -c Release --project tests/Fuzz -- [--inputs N] [--parser NAME] [--seed S] [--only NUMBER] [--trace]

        Gives every parser inputs that are nearly right. Nothing but success or the refusal it documents may come of one.
          --inputs N     so many a parser; 100000 when not given
          --parser NAME  only this one
          --seed S       1 when not given
          --only NUMBER  only the input of this number, as a failure names it
          --trace        says each input's number first, to find the one that ends the process
        """;

    /// <summary>Reads them; a sentence when they are wrong.</summary>
    public static (FuzzOptions? Options, string? Error) Read(ReadOnlySpan<string> arguments)
    {
        var options = new FuzzOptions(100_000, null, 1, null, false);
        for (int at = 0; at < arguments.Length; at++)
        {
            string name = arguments[at];
            if (name == "--trace")
            {
                options = options with { Trace = true };
                continue;
            }
            string value = ++at < arguments.Length ? arguments[at] : "";
            bool isNumber = ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
                && number <= long.MaxValue / 2;
            switch (name)
            {
                case "--inputs" when isNumber && number > 0:
                    options = options with { Inputs = (long)number };
                    break;
                case "--seed" when isNumber:
                    options = options with { Seed = number };
                    break;
                case "--only" when isNumber:
                    options = options with { Only = (long)number };
                    break;
                case "--parser" when Parsers.Names.Contains(value):
                    options = options with { Parser = value };
                    break;
                case "--parser":
                    return (null, $"--parser: found \"{value}\"; allowed is one of {string.Join(", ", Parsers.Names)}");
                default:
                    return (null, $"{name}: found \"{value}\"; allowed are the options below, with whole numbers");
            }
        }
        return (options, null);
    }
}
