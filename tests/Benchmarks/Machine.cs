namespace DecentralizedLion.Benchmarks;

/// <summary>The machine that a measurement runs on.</summary>
static class Machine
{
    /// <summary>The load average of the last minute: what else the machine does.</summary>
    public static string Load => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "?";

    /// <summary>The words that start this program again: its own file, or the dotnet host and its assembly.</summary>
    public static string[] OwnProgram => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? [Environment.ProcessPath!, typeof(Machine).Assembly.Location]
        : [Environment.ProcessPath!];
}
