using System.Globalization;
using System.Text.RegularExpressions;

namespace DecentralizedLion.Peer.Cli.Plan;

/// <summary>A link's speed as people write it.</summary>
static partial class LinkSpeed
{
    /// <summary>The values that are allowed, for messages.</summary>
    public const string Allowed = "a number with kbit, Mbit, Gbit or Tbit, from 1kbit to 10Tbit a second: 100Mbit, 2.5Gbit";

    /// <summary>Reads a speed.</summary>
    /// <param name="text">Such as 100Mbit; /s may follow.</param>
    /// <param name="bitsPerSecond">The speed.</param>
    public static bool TryParse(string text, out double bitsPerSecond)
    {
        bitsPerSecond = 0;
        var match = Form().Match(text);
        if (!match.Success)
            return false;
        bitsPerSecond = double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            * match.Groups[2].Value.ToUpperInvariant() switch
            {
                "K" => 1e3,
                "M" => 1e6,
                "G" => 1e9,
                _ => 1e12,
            };
        return bitsPerSecond is >= 1e3 and <= 1e13;
    }

    /// <summary>A speed as <see cref="TryParse"/> reads it.</summary>
    public static string Text(double bitsPerSecond)
    {
        var (unit, name) = bitsPerSecond switch
        { >= 1e12 => (1e12, "T"), >= 1e9 => (1e9, "G"), >= 1e6 => (1e6, "M"), _ => (1e3, "k") };
        return string.Create(CultureInfo.InvariantCulture, $"{bitsPerSecond / unit:0.###} {name}bit/s");
    }

    [GeneratedRegex(@"^([0-9]{1,12}(?:\.[0-9]{1,12})?) ?([kMGT])bit(?:/s)?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
