using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>The report of a run's faults and recoveries, from the events of one or more of its peers.</summary>
sealed class FaultReport
{
    readonly SortedDictionary<string, PeerFaults> peers = new(StringComparer.Ordinal);
    readonly FaultTally tally = new();
    readonly HashSet<long> steps = [];
    readonly Dictionary<string, long> abstained = new(StringComparer.Ordinal), away = new(StringComparer.Ordinal);
    readonly HashSet<int> views = [];
    readonly Dictionary<string, double> recoveries = new(StringComparer.Ordinal);

    /// <summary>The run's folder when only this start's events are read: then the report says so, and where all
    /// are.</summary>
    public string? ThisStartOf { get; init; }

    /// <summary>Takes in what a peer said. Events of one peer come in their order; those of several in any.</summary>
    public void Add(string peer, PeerEvent happened)
    {
        if (!peers.TryGetValue(peer, out var own))
            peers.Add(peer, own = new PeerFaults());
        own.Add(happened);
        switch (happened)
        {
            case Stepped e when steps.Add(e.Step): // the same on every peer, and repeated after a restart
                views.Add(e.View);
                foreach (var id in e.Abstained)
                    abstained[id] = abstained.GetValueOrDefault(id) + 1;
                foreach (var id in e.Away)
                    away[id] = away.GetValueOrDefault(id) + 1;
                break;
            case Fault e:
                tally.Add(peer, e);
                // All that continued report it, each with its own time; it took until the last did.
                if (e is { What: "recovered", Seconds: { } seconds })
                    recoveries[e.Text] = Math.Max(seconds, recoveries.GetValueOrDefault(e.Text));
                break;
            default:
                break;
        }
    }

    /// <summary>The numbers.</summary>
    public FaultSummary Summary => new()
    {
        Steps = steps.Count,
        FirstStep = steps.Count == 0 ? null : steps.Min(),
        LastStep = steps.Count == 0 ? null : steps.Max(),
        ReadFrom = [.. peers.Keys],
        Views = views.Count,
        FaultChanges = tally.Count("view-changed"),
        PlannedChanges = tally.Count("regrouped"),
        Recoveries = RecoveryTimes.Of(recoveries.Values),
        Divergences = tally.Count("diverged") + tally.Count("disputed"),
        JournalsCut = tally.Count("cut"),
        Refused = tally.Count("refused"),
        Misbehaved = tally.Count("misbehaved"),
        SuspiciousVotes = tally.Count("doubtful"),
        RejectedTraffic = tally.Count("rejected"),
        Peers = [.. peers.Keys.Union(tally.Peers).Union(abstained.Keys).Union(away.Keys).Order(StringComparer.Ordinal)
            .Select(Of)],
    };

    /// <summary>Writes the report for people.</summary>
    public void Write(TextWriter output) => FaultText.Write(Summary, ThisStartOf, output);

    PeerFaultSummary Of(string id)
    {
        var missing = abstained.GetValueOrDefault(id);
        var member = steps.Count - away.GetValueOrDefault(id);
        var own = peers.GetValueOrDefault(id);
        return new PeerFaultSummary
        {
            Peer = id,
            Removed = tally.Count("removed", id),
            Rejoined = tally.Count("admitted", id),
            Abstained = missing,
            AbstainedShare = member == 0 ? 0 : (double)missing / member,
            Reasons = own?.Absences,
            Starts = own?.Starts,
            Resends = own?.Retries,
            Pauses = own?.Pauses,
            PausedSeconds = own?.PausedSeconds,
            RecordFetches = own?.RecordFetches,
            SnapshotFetches = own?.SnapshotFetches,
            Misbehaved = tally.Count("misbehaved", id),
            SuspiciousVotes = tally.Count("doubtful", id),
        };
    }
}
