using System.Globalization;
using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.Protection;

/// <summary>
/// Counts what comes to the port for a peer and is not the peer's: frames that are dropped, and connections that end. Reported
/// together, now and then, when it is more than faults of the network and the peer's own restarts make.
/// </summary>
sealed class ForeignTraffic(IReadOnlyList<string> names, bool authenticates, TimeProvider clock)
{
    // A peer makes two connections, and two more each time it is started.
    const int ConnectionsMax = 8, FramesMax = 16;

    static readonly TimeSpan every = TimeSpan.FromSeconds(30);

    readonly Count[] counts = [.. names.Select(_ => new Count())];

    /// <summary>A connection to the port for a peer has ended.</summary>
    public void OnConnectionClosed(int peer) => Of(peer).Ended++;

    /// <summary>A frame was dropped. Another process of the peer is named when it greets, and not here.</summary>
    public void OnFrameDropped(int peer, DropReason reason)
    {
        if (reason is DropReason.Envelope or DropReason.Run or DropReason.Checksum)
            Of(peer).Frames[(int)reason]++;
    }

    /// <summary>The report on one peer's port that is due; null when there is none at present.</summary>
    public string? TryTakeReport(int peer)
    {
        Count count = counts[peer];
        bool frames = count.Frames.Sum() >= FramesMax, ended = count.Ended >= ConnectionsMax;
        if ((!frames && !ended) || (count.ReportedAt is { } told && clock.GetElapsedTime(told) < every))
            return null;
        string text = string.Join(". ",
            [.. ended ? [Ended(peer, count.Ended)] : Array.Empty<string>(),
                .. frames ? [Frames(peer, count.Frames)] : Array.Empty<string>()]);
        counts[peer] = new Count { Began = clock.GetTimestamp(), ReportedAt = clock.GetTimestamp() };
        return text;
    }

    /// <summary>The peer's counters; begun anew after a long time, so that rare events are not added up.</summary>
    Count Of(int peer)
    {
        Count count = counts[peer];
        bool few = count.Ended < ConnectionsMax && count.Frames.Sum() < FramesMax;
        if (few && (count.Began is not { } began || clock.GetElapsedTime(began) > every))
            counts[peer] = count = new Count { Began = clock.GetTimestamp(), ReportedAt = count.ReportedAt };
        return count;
    }

    string Ended(int peer, int ended) =>
        string.Create(CultureInfo.InvariantCulture, $"{ended} connections to the port for {names[peer]} ended. ")
        + $"{names[peer]} makes two each time it is started; if it was not started so often, something else connects: "
        + (authenticates ? "a peer with an old key or of another run, or an intruder, who gets nothing in without a key. " : "")
        + "Let the firewall admit only the other hosts";

    string Frames(int peer, int[] frames) =>
        string.Create(CultureInfo.InvariantCulture, $"{frames.Sum()} frames that claim to come from {names[peer]} were dropped (")
        + string.Join(", ", Enum.GetValues<DropReason>().Where(reason => frames[(int)reason] > 0)
            .Select(reason => string.Create(CultureInfo.InvariantCulture,
                $"{DropReasons.Describe(reason)}: {frames[(int)reason]}")))
        + $"). If {names[peer]} is healthy and of this run, something else connects to this port: restrict it in the firewall";

    sealed class Count
    {
        public long? Began { get; init; }

        public long? ReportedAt { get; init; }

        public int Ended { get; set; }

        public int[] Frames { get; } = new int[Enum.GetValues<DropReason>().Length];
    }
}
