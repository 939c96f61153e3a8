using System.Globalization;

namespace DecentralizedLion.Integration.Tests.Soak;

/// <summary>The options of the goodput's command line.</summary>
/// <param name="Every">Seconds from one kill to the next.</param>
/// <param name="Kills">How many kills.</param>
/// <param name="Peers">How many peers.</param>
/// <param name="Seed">Decides who is killed.</param>
/// <param name="Calm">Seconds undisturbed before the kills, and after.</param>
/// <param name="Slow">How many times as long a gradient takes.</param>
sealed record GoodputOptions(double Every, int Kills, int Peers = 4, int Seed = 1, double Calm = 20, double Slow = 4)
{
    public const string Usage = """
        dotnet run -c Release --project tests/Integration.Tests -- goodput [--every S] [--kills K] [--peers N] [--seed S]
            [--calm S] [--slow X]

        Peers train over loopback; every so often one gets kill -9 and is started again at once. Prints the steps committed
        against those of the same time undisturbed, and where the rest went; at the end the run is verified as in the tests.
          --every S    from one kill to the next; 60 s when not given
          --kills K    10 when not given
          --peers N    3 to 5; 4 when not given
          --seed S     1 when not given
          --calm S     the undisturbed time before the kills, and after; 20 s when not given
          --slow X     gradients take X times as long, so that peers wait as for a GPU instead of competing for this host's
                       cores; 4 when not given
        """;

    /// <summary>Reads them; null when they are wrong.</summary>
    public static GoodputOptions? Read(ReadOnlySpan<string> arguments)
    {
        var options = new GoodputOptions(60, 10);
        for (var at = 0; at < arguments.Length; at += 2)
        {
            if (at + 1 == arguments.Length
                || !double.TryParse(arguments[at + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                return null;
            switch (arguments[at])
            {
                case "--every" when number is >= 1 and <= 3600:
                    options = options with { Every = number };
                    break;
                case "--kills" when number is >= 1 and <= 10_000:
                    options = options with { Kills = (int)number };
                    break;
                case "--peers" when number is >= 3 and <= 5:
                    options = options with { Peers = (int)number };
                    break;
                case "--seed" when number is >= 0 and <= int.MaxValue:
                    options = options with { Seed = (int)number };
                    break;
                case "--calm" when number is >= 1 and <= 3600:
                    options = options with { Calm = number };
                    break;
                case "--slow" when number is >= 1 and <= 1000:
                    options = options with { Slow = number };
                    break;
                default:
                    return null;
            }
        }
        return options;
    }
}
