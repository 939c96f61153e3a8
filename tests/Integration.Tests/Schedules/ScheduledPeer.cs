namespace DecentralizedLion.Integration.Tests.Schedules;

/// <summary>A peer of a schedule, over as many processes as it takes.</summary>
sealed class ScheduledPeer(string name)
{
    readonly List<(PeerProcess Process, int Era)> processes = [];

    public string Name => name;

    /// <summary>All its processes, oldest first, each with how often a new ring had been forced when it was started.</summary>
    public IReadOnlyList<(PeerProcess Process, int Era)> Processes => processes;

    /// <summary>The latest of them.</summary>
    public PeerProcess Process => processes[^1].Process;

    /// <summary>True when it is meant to run now.</summary>
    public bool IsRunning { get; set; }

    /// <summary>The length of its output when the last action was done.</summary>
    public int Read { get; set; }

    /// <summary>The time stamp of its latest start.</summary>
    public long Began { get; private set; }

    public void Begin(PeerProcess process, int era, long now)
    {
        processes.Add((process, era));
        (IsRunning, Read, Began) = (true, 0, now);
    }

    /// <summary>The peer's output, shortened, for when something is wrong.</summary>
    public override string ToString()
    {
        var said = processes.Select((p, at) => $"{name}, process {at + 1} of {processes.Count}:\n{Tail(p.Process)}");
        return string.Join('\n', said.TakeLast(2));
    }

    static string Tail(PeerProcess process)
    {
        var lines = process.Text.Split('\n');
        return string.Join('\n', lines.TakeLast(30).Select(line => $"  {line}"))
            + "\n  last step: " + (process.Last is { } last
                ? $"{last.Step} in view {last.View}, without {string.Join(", ", last.Away)}" : "none");
    }
}
