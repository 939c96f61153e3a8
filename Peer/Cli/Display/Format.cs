using System.Globalization;

namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>Numbers as people read them, the same in every locale.</summary>
static class Format
{
    /// <summary>A duration beyond thirty years is no duration, and a much longer one none that the system can express.</summary>
    const double SecondsMax = 1e9;

    public static string Bytes(double bytes) => bytes switch
    {
        < 1000 => Text($"{bytes:0} B"),
        < 1e6 => Text($"{bytes / 1e3:0.0} kB"),
        < 1e9 => Text($"{bytes / 1e6:0.00} MB"),
        _ => Text($"{bytes / 1e9:0.00} GB"),
    };

    public static string Duration(TimeSpan? time) => time switch
    {
        null => "…",
        { TotalSeconds: < 100 } t => Text($"{Math.Ceiling(t.TotalSeconds):0} s"),
        { TotalMinutes: < 100 } t => Text($"{Math.Ceiling(t.TotalMinutes):0} min"),
        { } t => Text($"{t.TotalHours:0.0} h"),
    };

    public static string Count(long count) => count switch
    {
        < 10_000 => Text($"{count}"),
        < 10_000_000 => Text($"{count / 1e3:0} k"),
        _ => Text($"{count / 1e6:0.0} M"),
    };

    public static string Milliseconds(double seconds) => Text($"{seconds * 1000:0.0}");

    public static string Seconds(double seconds) =>
        seconds >= 100 ? Duration(TimeSpan.FromSeconds(Math.Min(seconds, SecondsMax))) : Text($"{seconds:0.00} s");

    public static string Percent(double? fraction) => fraction is { } f ? Text($"{f * 100:0.0} %") : "–";

    public static string Number(double? number) => number is { } n ? Text($"{n:0.000}") : "–";

    /// <summary>Enough of a digest to compare by eye.</summary>
    public static string Digest(string digest) => digest.Length <= 12 ? digest : digest[..12];

    public static string ShortDigest(string digest) => digest.Length <= 8 ? digest : digest[..8];

    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
