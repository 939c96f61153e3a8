namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>A run's faults as people read them, in 80 columns.</summary>
static class FaultText
{
    const int LongestId = 13;

    /// <summary>Writes them.</summary>
    /// <param name="faults">The numbers.</param>
    /// <param name="thisStartOf">The run's folder when they are of this start only; else null.</param>
    /// <param name="output">Takes the text.</param>
    public static void Write(FaultSummary faults, string? thisStartOf, TextWriter output)
    {
        if (faults.ReadFrom.Count == 0)
        {
            output.WriteLine("Fault report: no metrics found.");
            return;
        }
        output.WriteLine($"Fault report{(thisStartOf is null ? "" : " of this start")}: "
            + (faults.Steps == 0 ? "no steps recorded"
                : $"{faults.Steps} step{(faults.Steps == 1 ? "" : "s")} ({faults.FirstStep} to {faults.LastStep})")
            + $", from {(faults.ReadFrom.Count == 1 ? faults.ReadFrom[0] : $"{faults.ReadFrom.Count} peers")}");
        if (thisStartOf is { } folder)
            output.WriteLine($"all starts: peer faults {folder}");
        output.WriteLine($"views       {faults.Views} with steps in them, changes: {faults.FaultChanges} by faults, "
            + $"{faults.PlannedChanges} planned");
        output.WriteLine($"recoveries  {Recoveries(faults.Recoveries)}");
        output.WriteLine($"divergence  {faults.Divergences} found; {faults.JournalsCut} journals cut; {faults.Refused} refused");
        output.WriteLine($"misbehaved  {faults.Misbehaved} times; suspicious votes: {faults.SuspiciousVotes}; "
            + $"rejected traffic: {faults.RejectedTraffic}");
        output.WriteLine();
        var width = Math.Min(LongestId, Math.Max(4, faults.Peers.Max(peer => peer.Peer.Length)));
        output.WriteLine($"{"peer".PadRight(width)} removed rejoined      abstained starts resends      pauses fetched");
        foreach (var peer in faults.Peers)
            output.WriteLine(Row(peer, width));
        output.WriteLine("abstained: steps without its ballot, and their share of the steps that it was a");
        output.WriteLine("member in. resends: frames that it requested again. pauses: times without a");
        output.WriteLine("quorum, and how long. fetched: times that it fetched records + snapshots.");
        foreach (var peer in faults.Peers.Where(peer => peer.Reasons is { Count: > 0 }))
            output.WriteLine($"{Name(peer, width)} abstained: "
                + $"{string.Join(", ", peer.Reasons!.OrderByDescending(a => a.Value).Select(a => $"{a.Key} {a.Value}"))}");
        foreach (var peer in faults.Peers.Where(peer => peer.Misbehaved + peer.SuspiciousVotes > 0))
            output.WriteLine($"{Name(peer, width)} misbehaved {peer.Misbehaved} times; suspicious votes: {peer.SuspiciousVotes}");
    }

    static string Row(PeerFaultSummary peer, int width)
    {
        var share = peer.AbstainedShare == 0 ? "" : $" ({Format.Percent(peer.AbstainedShare)})";
        var row = $"{Name(peer, width)} {peer.Removed,7} {peer.Rejoined,8} {$"{peer.Abstained}{share}",14}";
        // Of a peer whose own events are not at hand the others do not know the rest.
        if (peer.Starts is null)
            return $"{row} {"–",6} {"–",7} {"–",11} {"–",7}";
        var pauses = peer.Pauses == 0 ? "0" : $"{peer.Pauses} ({Format.Seconds(peer.PausedSeconds ?? 0)})";
        return $"{row} {peer.Starts,6} {peer.Resends,7} {pauses,11} {$"{peer.RecordFetches} + {peer.SnapshotFetches}",7}";
    }

    static string Name(PeerFaultSummary peer, int width) =>
        (peer.Peer.Length <= width ? peer.Peer : peer.Peer[..(width - 1)] + "…").PadRight(width);

    static string Recoveries(RecoveryTimes? times) => times is null ? "none"
        : $"{times.Count}: p50 {Format.Seconds(times.P50)}, p90 {Format.Seconds(times.P90)}, max {Format.Seconds(times.Max)}";
}
