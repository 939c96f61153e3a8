using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>The report of a run's faults and recoveries, from the events of one or more of its peers, in 80 columns.</summary>
sealed class FaultReport
{
    const int LongestId = 13;

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

    /// <summary>Writes the report.</summary>
    public void Write(TextWriter output)
    {
        if (peers.Count == 0)
        {
            output.WriteLine("Fault report: no metrics found.");
            return;
        }
        output.WriteLine($"Fault report{(ThisStartOf is null ? "" : " of this start")}: "
            + (steps.Count == 0 ? "no steps recorded"
                : $"{steps.Count} step{(steps.Count == 1 ? "" : "s")} ({steps.Min()} to {steps.Max()})")
            + $", from {(peers.Count == 1 ? peers.Keys.First() : $"{peers.Count} peers")}");
        if (ThisStartOf is { } folder)
            output.WriteLine($"all starts: peer faults {folder}");
        output.WriteLine($"views       {views.Count} with steps in them, changes: {tally.Count("view-changed")} by faults, "
            + $"{tally.Count("regrouped")} planned");
        output.WriteLine($"recoveries  {Recoveries()}");
        output.WriteLine($"divergence  {tally.Count("diverged") + tally.Count("disputed")} found; {tally.Count("cut")} journals "
            + $"cut; {tally.Count("refused")} refused");
        output.WriteLine($"misbehaved  {tally.Count("misbehaved")} times; suspicious votes: {tally.Count("doubtful")}; "
            + $"rejected traffic: {tally.Count("rejected")}");
        output.WriteLine();
        string[] ids = [.. peers.Keys.Union(tally.Peers).Union(abstained.Keys).Union(away.Keys).Order(StringComparer.Ordinal)];
        var width = Math.Min(LongestId, Math.Max(4, ids.Max(id => id.Length)));
        output.WriteLine($"{"peer".PadRight(width)} removed rejoined      abstained starts resends      pauses fetched");
        foreach (var id in ids)
            output.WriteLine(Row(id, width));
        output.WriteLine("abstained: steps without its ballot, and their share of the steps that it was a");
        output.WriteLine("member in. resends: frames that it requested again. pauses: times without a");
        output.WriteLine("quorum, and how long. fetched: times that it fetched records + snapshots.");
        foreach (var (id, own) in peers.Where(peer => peer.Value.Absences.Count > 0))
            output.WriteLine($"{Name(id, width)} abstained: "
                + $"{string.Join(", ", own.Absences.OrderByDescending(a => a.Value).Select(a => $"{a.Key} {a.Value}"))}");
        foreach (var id in ids.Where(id => tally.Count("misbehaved", id) + tally.Count("doubtful", id) > 0))
            output.WriteLine($"{Name(id, width)} misbehaved {tally.Count("misbehaved", id)} times; suspicious votes: "
                + $"{tally.Count("doubtful", id)}");
    }

    string Row(string id, int width)
    {
        var missing = abstained.GetValueOrDefault(id);
        var member = steps.Count - away.GetValueOrDefault(id);
        var share = missing == 0 || member == 0 ? "" : $" ({Format.Percent((double)missing / member)})";
        var row = $"{Name(id, width)} {tally.Count("removed", id),7} {tally.Count("admitted", id),8} {$"{missing}{share}",14}";
        // Of a peer whose own events are not at hand the others do not know the rest.
        if (!peers.TryGetValue(id, out var own))
            return $"{row} {"–",6} {"–",7} {"–",11} {"–",7}";
        var pauses = own.Pauses == 0 ? "0" : $"{own.Pauses} ({Format.Seconds(own.PausedSeconds)})";
        return $"{row} {own.Starts,6} {own.Retries,7} {pauses,11} {$"{own.RecordFetches} + {own.SnapshotFetches}",7}";
    }

    static string Name(string id, int width) => (id.Length <= width ? id : id[..(width - 1)] + "…").PadRight(width);

    string Recoveries()
    {
        double[] sorted = [.. recoveries.Values.Order()];
        return sorted.Length == 0 ? "none"
            : $"{sorted.Length}: p50 {Format.Seconds(At(0.5))}, p90 {Format.Seconds(At(0.9))}, max {Format.Seconds(sorted[^1])}";

        // The nearest rank: the smallest value that at least this part does not exceed.
        double At(double part) => sorted[Math.Max(0, (int)Math.Ceiling(part * sorted.Length) - 1)];
    }
}
