using DecentralizedLion.Peer.Cli.Dashboard.Reading;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>Works out the condition of each peer, from what it says itself and what the others say of it.</summary>
/// <param name="peers">The peers whose files are at hand.</param>
/// <param name="events">The event log.</param>
sealed class PeerConditions(IReadOnlyList<PeerHistory> peers, RunEvents events)
{
    const string Votes = "votes";

    /// <summary>The condition of a peer now.</summary>
    /// <param name="id">The peer.</param>
    /// <param name="ring">The ring's latest step; null: there is none yet.</param>
    /// <param name="teller">The peer that tells of that step.</param>
    public PeerCondition Latest(string id, StepRow? ring, PeerHistory? teller)
    {
        var own = peers.FirstOrDefault(peer => peer.Peer == id);
        var row = own?.Last;
        var (kind, state, text) = StateNow(id, own, ring);
        return Of(id, (kind, state, text), own, row) with
        {
            Step = own?.Step,
            IsSameDigest = row is null || teller?.RecentDigest(row.Step) is not { } same ? null : same == row.Digest,
        };
    }

    /// <summary>The condition of a peer after a step.</summary>
    public PeerCondition At(string id, StepRow ring)
    {
        var own = peers.FirstOrDefault(peer => peer.Peer == id);
        var row = own?.RowOf(ring.Step);
        var (kind, state, text) = ring.Away.Contains(id) ? (ConditionKind.Away, PeerState.Away, Departure(id, ring.Step))
            : ring.Abstained.Contains(id) ? (ConditionKind.Abstains, row?.Why ?? PeerState.Late, null)
            : (ConditionKind.Votes, Votes, (string?)null);
        return Of(id, (kind, state, text), own, row) with { IsSameDigest = row is null ? null : row.Digest == ring.Digest };
    }

    /// <summary>A digest's first 16 digits.</summary>
    public static string Hex(ulong digest) => $"{digest:x16}";

    (ConditionKind Kind, string State, string? Text) StateNow(string id, PeerHistory? own, StepRow? ring)
    {
        if (own?.End is { } end)
            return (end.Reason == Ended.Failed ? ConditionKind.Trouble : ConditionKind.Ended, end.Reason,
                $"after step {end.Step}");
        if (ring is null)
            return own?.State is { } first ? (KindOf(first), first, own.StateText)
                : (ConditionKind.Busy, PeerState.Starting, own is null ? "it has said nothing yet" : null);
        // What it does on its way back only its own file says; what it said before it was removed from the view is over.
        if (ring.Away.Contains(id))
            return own is { State: PeerState.Starting or PeerState.Fetching or PeerState.Waiting or PeerState.Paused } back
                ? (KindOf(back.State), back.State, back.StateText)
                : (ConditionKind.Away, PeerState.Away, Departure(id, ring.Step));
        if (own?.State is { } state && own.Step >= ring.Step)
            return (KindOf(state), state, own.StateText);
        if (peers.Where(peer => peer.End is null && peer.Step >= ring.Step)
            .Select(peer => peer.Claims.GetValueOrDefault(id)).FirstOrDefault(claim => claim is not null) is { } claim)
            return (KindOf(claim), claim, null);
        if (own?.State is { } behind)
            return (KindOf(behind), behind, own.StateText);
        return ring.Abstained.Contains(id)
            ? (ConditionKind.Abstains,
                own?.Last is { Why: { } why } && own.Step == ring.Step ? why : own?.Busy ?? PeerState.Late, null)
            : (ConditionKind.Votes, Votes, null);
    }

    static ConditionKind KindOf(string state) => state switch
    {
        PeerState.Paused or PeerState.Suspected or PeerState.Repairing or Ended.Failed => ConditionKind.Trouble,
        PeerState.Away => ConditionKind.Away,
        _ => ConditionKind.Busy,
    };

    /// <summary>The way in which a peer went away.</summary>
    string? Departure(string id, long step)
    {
        for (int i = events.All.Count - 1; i >= 0; i--)
        {
            var happened = events.All[i];
            if (happened.Peer != id || happened.Step > step)
                continue;
            if (happened.What == "removed")
                return $"removed from the view after step {happened.Step}";
            if (happened.What == "leaving")
                return $"left in order after step {happened.Step}";
        }
        return null;
    }

    static PeerCondition Of(
        string id, (ConditionKind Kind, string State, string? Text) now, PeerHistory? own, StepRow? row) => new()
        {
            Id = id,
            Kind = now.Kind,
            State = now.State,
            Text = now.Text,
            HasFile = own is not null,
            Step = row?.Step,
            Digest = row is null ? null : Hex(row.Digest),
            Compute = row?[StepMetric.ComputeSeconds],
            Exchange = row?[StepMetric.ExchangeSeconds],
            Bytes = row?[StepMetric.BytesSent],
        };
}
