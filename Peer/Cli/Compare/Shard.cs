using System.Globalization;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>One of several invocations among which a comparison is divided.</summary>
/// <param name="Number">Which one, from 1.</param>
/// <param name="Count">How many there are.</param>
sealed record Shard(int Number, int Count)
{
    const int CountMax = 1000;

    /// <summary>What is allowed, for messages.</summary>
    public static string Allowed => $"I/N, the I-th of N, with N from 1 to {CountMax} and I from 1 to N: 2/4";

    /// <summary>Reads I/N.</summary>
    public static bool TryParse(string text, out Shard? shard)
    {
        var parts = text.Split('/');
        shard = parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count is >= 1 and <= CountMax && number >= 1 && number <= count ? new Shard(number, count) : null;
        return shard is not null;
    }

    public override string ToString() => $"shard {Number} of {Count}";
}
