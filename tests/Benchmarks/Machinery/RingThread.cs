using System.Globalization;

namespace DecentralizedLion.Benchmarks.Machinery;

/// <summary>The time that the ring's thread of this process was on a CPU, as the kernel counts it.</summary>
sealed class RingThread
{
    readonly string statistics = Directory.EnumerateDirectories("/proc/self/task")
        .Single(task => File.ReadAllText(Path.Combine(task, "comm")).Trim() == "ring")
        + "/schedstat";

    public double Seconds => double.Parse(File.ReadAllText(statistics).Split(' ')[0], CultureInfo.InvariantCulture) / 1e9;
}
