using System.Globalization;

namespace DecentralizedLion.Topology.Diagnostics;

/// <summary>The open files that a peer's links need, against the system's limit for a process.</summary>
static class FileHandles
{
    // Counted: some 160 without links; of one link up to 20, for its ZeroMQ sockets, their wake-up pairs and all connections.
    const int Base = 200, PerPeer = 20;

    const string LimitsFile = "/proc/self/limits", LimitName = "Max open files";

    /// <summary>The open files that a process needs in a roster of so many peers, about.</summary>
    public static int Needed(int peers) => Base + PerPeer * peers;

    /// <summary>The most that this process may open; null where the system does not say. .NET raises its own limit to
    /// it.</summary>
    public static long? Limit()
    {
        if (!File.Exists(LimitsFile))
            return null;
        string? line = File.ReadLines(LimitsFile).FirstOrDefault(line => line.StartsWith(LimitName, StringComparison.Ordinal));
        string[] words = line?[LimitName.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Length > 1 && long.TryParse(words[1], CultureInfo.InvariantCulture, out long limit) ? limit : null;
    }

    /// <summary>A sentence for the operator where the limit is too low, and what to do; null: it is not.</summary>
    public static string? Shortage(int peers) => Shortage(peers, Limit());

    internal static string? Shortage(int peers, long? limit) => limit is { } most && most < Needed(peers)
        ? string.Create(CultureInfo.InvariantCulture,
            $"peers.json has {peers} peers, for which this process needs about {Needed(peers)} open files, and the system "
            + $"allows it {most}: raise that with 'ulimit -n {Needed(peers)}' before the start (LimitNOFILE={Needed(peers)} in a "
            + $"systemd unit)") : null;
}
