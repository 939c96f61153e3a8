using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>The links of a run at a step, from what both ends told.</summary>
static class LinkConditions
{
    /// <summary>More are more than a table can show.</summary>
    public const int CountMax = 100;

    /// <summary>The links, those that need a look first: those that are silent, then by round trip.</summary>
    /// <param name="peers">The peers whose files are at hand.</param>
    /// <param name="step">The step.</param>
    public static IReadOnlyList<LinkCondition> At(IReadOnlyList<PeerHistory> peers, long step)
    {
        var order = new NaturalOrder();
        var told = new Dictionary<(string From, string To), (LinkMetrics Link, double Seconds)>();
        foreach (var peer in peers)
        {
            if (peer.Links.At(step) is { } line)
                foreach (var link in line.Peers)
                    told[(peer.Peer, link.Peer)] = (link, line.Seconds);
        }
        return [.. told.Keys.Select(key => order.Compare(key.From, key.To) <= 0 ? key : (From: key.To, To: key.From)).Distinct()
            .Select(key => Of(key.From, key.To, told))
            .OrderBy(link => link.IsHeard).ThenByDescending(link => link.RoundTrip ?? 0)
            .ThenBy(link => link.A, order).ThenBy(link => link.B, order).Take(CountMax)];
    }

    static LinkCondition Of(string a, string b, Dictionary<(string From, string To), (LinkMetrics Link, double Seconds)> told)
    {
        (LinkMetrics Link, double Seconds)? ofA = told.TryGetValue((a, b), out var one) ? one : null;
        (LinkMetrics Link, double Seconds)? ofB = told.TryGetValue((b, a), out var other) ? other : null;
        double? trip = ofA?.Link.RoundTripSeconds, back = ofB?.Link.RoundTripSeconds;
        return new LinkCondition
        {
            A = a,
            B = b,
            RoundTrip = trip is null || back > trip ? back : trip,
            Forward = Rate(ofA, link => link.BytesSent) ?? Rate(ofB, link => link.BytesReceived),
            Backward = Rate(ofB, link => link.BytesSent) ?? Rate(ofA, link => link.BytesReceived),
            IsHeard = ofA?.Link.IsHeard != false && ofB?.Link.IsHeard != false,
        };
    }

    static double? Rate((LinkMetrics Link, double Seconds)? told, Func<LinkMetrics, long> bytes) =>
        told is ({ } link, > 0 and var seconds) ? bytes(link) / seconds : null;
}
