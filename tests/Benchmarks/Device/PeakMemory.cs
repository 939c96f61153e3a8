using System.Globalization;

namespace DecentralizedLion.Benchmarks.Device;

/// <summary>The memory that this process has in use at most while it does something, as Linux counts it.</summary>
static class PeakMemory
{
    const int Rounds = 3;

    /// <summary>The bytes that an action needs beside those that were in use before, the fewest of some rounds: what else grows
    /// meanwhile grows once. Null where it cannot be told.</summary>
    public static long? Of(Action action)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        var fewest = long.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            File.WriteAllText("/proc/self/clear_refs", "5"); // the peak begins anew
            var before = Read("VmRSS:");
            action();
            fewest = Math.Min(fewest, Math.Max(0, Read("VmHWM:") - before));
        }
        return fewest;
    }

    static long Read(string field)
    {
        var line = File.ReadLines("/proc/self/status").First(text => text.StartsWith(field, StringComparison.Ordinal));
        return 1024 * long.Parse(line.AsSpan(field.Length, line.Length - field.Length - 3), CultureInfo.InvariantCulture);
    }
}
