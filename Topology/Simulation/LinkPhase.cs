using System.Globalization;
using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Simulation;

/// <summary>The links of a part of a run: their speed and length, and one pair of peers that has a slower one.</summary>
/// <param name="Uplink">Bytes a second that each peer sends.</param>
/// <param name="Latency">The time that a frame takes beside that of the network.</param>
/// <param name="Pair">The two peers with the slower link.</param>
/// <param name="PairSpeed">Bytes a second over that link.</param>
readonly record struct LinkPhase(double Uplink, TimeSpan Latency, (int One, int Other) Pair, double PairSpeed)
{
    // A frame with its envelope, as most are in a simulated run.
    const int FrameBytes = 150;

    /// <summary>About the time that a frame takes over the slowest link.</summary>
    public TimeSpan FrameTime => Latency + TimeSpan.FromSeconds(FrameBytes / Math.Min(Uplink, PairSpeed));

    /// <summary>Draws long links of one speed, over which the ring is the slower way.</summary>
    public static LinkPhase DrawLong(Random random) => new(1e5 + 2e5 * random.NextDouble(),
        TimeSpan.FromMilliseconds(2 + 6 * random.NextDouble()), (0, 0), double.PositiveInfinity);

    /// <summary>Draws short links and a slow one between two peers that are no neighbours in the ring: the direct exchange is
    /// the slower way.</summary>
    public static LinkPhase DrawUneven(Random random, int peers)
    {
        int one = random.Next(peers), other = (one + 2 + random.Next(Math.Max(1, peers - 3))) % peers;
        return new(2e5 + 2e5 * random.NextDouble(), TimeSpan.FromMilliseconds(0.2 + 0.8 * random.NextDouble()), (one, other),
            3e3 + 3e3 * random.NextDouble());
    }

    /// <summary>The speeds between two peers.</summary>
    public PathSpeed Between(int from, int to) =>
        new(Uplink, (from, to) == Pair || (to, from) == Pair ? PairSpeed : double.PositiveInfinity);

    /// <summary>Such as <c>links of 120 kB/s and 5.1 ms, p0–p2 4 kB/s</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"links of {Uplink / 1e3:F0} kB/s and {Latency.TotalMilliseconds:F1} ms")
        + (double.IsInfinity(PairSpeed) ? ""
            : string.Create(CultureInfo.InvariantCulture, $", p{Pair.One}–p{Pair.Other} {PairSpeed / 1e3:F0} kB/s"));
}
