using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Tests.Cli.Dashboard;

/// <summary>Writes metrics files as peers do, with numbers that tests can work out.</summary>
static class MetricsWriter
{
    public const int Peers = 3;

    /// <summary>The digest after a step, another one for each.</summary>
    public static string DigestOf(long step) => $"{unchecked((ulong)step * 0x9e3779b97f4a7c15):x16}{new string('0', 48)}";

    public static Stepped Step(long step, string abstained = "", string away = "", int view = 1, string? why = null) => new(
        step, LossOf(step), 0.001 / step, 2.5, 1000 + step, 0.001 * step, 0.002 * step,
        Peers - Ids(abstained).Length - Ids(away).Length, 0.5, DigestOf(step), view, Ids(abstained), Ids(away), why)
    {
        Flips = 0.25,
        Zeros = 0,
        Ties = null,
    };

    public static double LossOf(long step) => 3.0 / step;

    public static Started Start(string peer, long step = 0, long steps = 100) => new(peer, step, steps, Peers, 1000, "cpu", "f");

    public static Fault Ring(string what, string? peer, string text, long step, double at, double? seconds = null) =>
        new(what, peer, text, seconds, step, DateTimeOffset.UnixEpoch.AddSeconds(at));

    /// <summary>Adds events to a peer's file, each as a line.</summary>
    public static void Append(string file, params IEnumerable<PeerEvent> events)
    {
        using var metrics = new MetricsFile(file);
        foreach (var happened in events)
            metrics.Write(happened);
    }

    static string[] Ids(string ids) => ids.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
