using System.Globalization;

namespace DecentralizedLion.Peer.Cli.Doctor;

/// <summary>Numbers as the report says them.</summary>
static class Sizes
{
    static readonly string[] units = ["bytes", "kB", "MB", "GB", "TB", "PB"];

    /// <summary>Bytes in powers of 1000, three digits.</summary>
    public static string Text(double bytes)
    {
        var unit = 0;
        for (; bytes >= 999.5 && unit < units.Length - 1; unit++)
            bytes /= 1000;
        return string.Create(CultureInfo.InvariantCulture, $"{bytes:G3} {units[unit]}");
    }

    public static string Text(TimeSpan time) => time.TotalSeconds >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.#} ms");
}
