using System.Globalization;

namespace DecentralizedLion.Integration.Tests.Soak;

/// <summary>The options of the command line of repeated stops.</summary>
/// <param name="Count">How often all peers are stopped and started again.</param>
/// <param name="Peers">How many peers.</param>
/// <param name="Seed">Decides moments, order and signals.</param>
sealed record StopOptions(int Count, int Peers = 4, int Seed = 1)
{
    public const string Usage = """
        dotnet run -c Release --project tests/Integration.Tests -- stops [--count N] [--peers N] [--seed S]

        Peers train over loopback; at random moments all are stopped by signals up to a second apart, and started again. Each time
        all must end at one step with one digest.
          --count N    stops; 50 when not given
          --peers N    2 to 5; 4 when not given
          --seed S     1 when not given
        """;

    /// <summary>Reads them; null when they are wrong.</summary>
    public static StopOptions? Read(ReadOnlySpan<string> arguments)
    {
        var options = new StopOptions(50);
        for (var at = 0; at < arguments.Length; at += 2)
        {
            if (at + 1 == arguments.Length
                || !int.TryParse(arguments[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return null;
            switch (arguments[at])
            {
                case "--count" when number is >= 1 and <= 10_000:
                    options = options with { Count = number };
                    break;
                case "--peers" when number is >= 2 and <= 5:
                    options = options with { Peers = number };
                    break;
                case "--seed":
                    options = options with { Seed = number };
                    break;
                default:
                    return null;
            }
        }
        return options;
    }
}
