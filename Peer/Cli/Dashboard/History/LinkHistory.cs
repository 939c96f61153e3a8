using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>The history of one peer's links, by step, in bounded memory: when there are too many lines, two neighbouring ones
/// become one.</summary>
sealed class LinkHistory
{
    /// <summary>Lines kept at most.</summary>
    public const int CountMax = 512;

    readonly List<Links> lines = [];

    /// <summary>Takes a line in. Those of the same and later steps are of an earlier process and were done again.</summary>
    public void Add(Links line)
    {
        while (lines is [.., var last] && last.Step >= line.Step)
        {
            if (last.Step == line.Step)
                line = Sum(last, line);
            lines.RemoveAt(lines.Count - 1);
        }
        lines.Add(line);
        if (lines.Count > CountMax)
            Halve();
    }

    /// <summary>The line whose time has a step in it; the last one when none has; null when there is none at all.</summary>
    public Links? At(long step)
    {
        int low = 0, high = lines.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (lines[middle].Step < step)
                low = middle + 1;
            else
                high = middle;
        }
        return lines.Count == 0 ? null : lines[Math.Min(low, lines.Count - 1)];
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => lines.Clear();

    void Halve()
    {
        for (var at = 0; at + 1 < lines.Count; at++)
        {
            lines[at] = Sum(lines[at], lines[at + 1]);
            lines.RemoveAt(at + 1);
        }
    }

    /// <summary>Both together: the bytes of both, and what the later one says of the rest.</summary>
    static Links Sum(Links first, Links second)
    {
        var before = first.Peers.DistinctBy(link => link.Peer).ToDictionary(link => link.Peer);
        return new Links(second.Step, first.Seconds + second.Seconds, [.. second.Peers.Select(link =>
            before.TryGetValue(link.Peer, out var earlier) ? link with
            {
                BytesSent = link.BytesSent + earlier.BytesSent,
                BytesReceived = link.BytesReceived + earlier.BytesReceived,
                RoundTripSeconds = link.RoundTripSeconds ?? earlier.RoundTripSeconds,
            } : link)]);
    }
}
