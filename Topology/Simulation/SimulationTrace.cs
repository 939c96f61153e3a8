using System.Globalization;
using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Simulation;

/// <summary>The trace of a simulated run: the last lines for a person, and a hash of everything, equal only if all was
/// equal.</summary>
sealed class SimulationTrace(VirtualClock clock)
{
    const int KeptLines = 80, Recent = 16;

    readonly Queue<(TimeSpan At, int Peer, string Text)> lines = new();

    /// <summary>The hash of all that was told so far.</summary>
    public ulong Hash { get; private set; } = 14695981039346656037;

    /// <summary>The last lines, oldest first, such as <c>3.214 s  p2  is killed</c>.</summary>
    public IReadOnlyList<string> Lines =>
    [
        .. lines.Select(line => string.Create(CultureInfo.InvariantCulture,
            $"{line.At.TotalSeconds,8:F3} s  {(line.Peer < 0 ? "  " : $"p{line.Peer}")}  {line.Text}")),
    ];

    /// <summary>Notes a line; −1: of no peer.</summary>
    public void Add(int peer, string text)
    {
        Mix((ulong)clock.Elapsed.Ticks);
        Mix((ulong)(uint)peer);
        foreach (char character in text)
            Mix(character);
        if (lines.TakeLast(Recent).Any(line => line.Peer == peer && line.Text == text))
            return; // what goes on is told once
        if (lines.Count == KeptLines)
            lines.Dequeue();
        lines.Enqueue((clock.Elapsed, peer, text));
    }

    /// <summary>Notes a number in the hash alone.</summary>
    public void Mix(ulong value) => Hash = ulong.RotateLeft(Hash ^ value, 23) * 0x9E3779B97F4A7C15;
}
