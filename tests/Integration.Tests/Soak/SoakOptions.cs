using System.Globalization;

namespace DecentralizedLion.Integration.Tests.Soak;

/// <summary>The options of the soak's command line.</summary>
/// <param name="Peers">How many peers.</param>
/// <param name="Seed">Decides the schedule.</param>
/// <param name="Minutes">How long; of no effect with <paramref name="Kills"/>.</param>
/// <param name="Kills">Only kills of any one peer at random moments, so many; null: faults of all kinds.</param>
/// <param name="Failures">Faults of all kinds, so many, with a line for each; null: by time.</param>
sealed record SoakOptions(int Peers, int Seed, double Minutes, int? Kills, int? Failures = null)
{
    public const string Usage = """
        dotnet run -c Release --project tests/Integration.Tests -- soak [--peers N] [--seed S]
            [--minutes M | --failures F | --kills K]

        Peers train over loopback while a schedule that the seed decides is done to them; at the end it is judged as in the tests.
          --peers N    3 to 5; 4 when not given
          --seed S     1 when not given
          --minutes M  faults of all kinds for so long; 10 when not given
          --failures F instead: F faults of all kinds, each with one line in the log, and a check of digests when all are back
          --kills K    instead: kill -9 of any one peer at a random moment, K times in a row, each started again
        """;

    /// <summary>Reads them; a sentence when they are wrong.</summary>
    public static (SoakOptions? Options, string? Error) Read(ReadOnlySpan<string> arguments)
    {
        var options = new SoakOptions(4, 1, 10, null);
        for (var at = 0; at < arguments.Length; at += 2)
        {
            var value = at + 1 < arguments.Length ? arguments[at + 1] : "";
            if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                return (null, $"{arguments[at]}: found \"{value}\"; allowed is a number");
            switch (arguments[at])
            {
                case "--peers" when number is >= 3 and <= 5:
                    options = options with { Peers = (int)number };
                    break;
                case "--seed" when number is >= 0 and <= int.MaxValue:
                    options = options with { Seed = (int)number };
                    break;
                case "--minutes" when number is > 0 and <= 10_000:
                    options = options with { Minutes = number };
                    break;
                case "--kills" when number is >= 1 and <= 100_000:
                    options = options with { Kills = (int)number };
                    break;
                case "--failures" when number is >= 1 and <= 100_000:
                    options = options with { Failures = (int)number };
                    break;
                default:
                    return (null, $"{arguments[at]} {value}: not allowed");
            }
        }
        return (options, null);
    }
}
