using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>The event log of a run. What several peers tell in the same words at about the same time is one event.</summary>
sealed class RunEvents
{
    /// <summary>Events kept; the earliest go first.</summary>
    public const int CountMax = 2000;

    /// <summary>Hosts' clocks, and when each peer noticed, differ by no more.</summary>
    static readonly TimeSpan together = TimeSpan.FromSeconds(20);

    readonly List<RunEvent> events = [];
    readonly Dictionary<(string What, string? Peer, string Text), List<RunEvent>> alike = [];
    long number, revision;

    /// <summary>The events, by time.</summary>
    public IReadOnlyList<RunEvent> All => events;

    /// <summary>The earliest events that were forgotten, because there were too many.</summary>
    public long Forgotten { get; private set; }

    /// <summary>The number of times that what a peer had told was taken back.</summary>
    public int Retractions { get; private set; }

    /// <summary>Takes in what a peer told of the ring.</summary>
    public void Add(string teller, Fault fault)
    {
        var key = (fault.What, fault.Peer, fault.Text);
        if (alike.TryGetValue(key, out var told)
            && told.Where(e => !e.Tellers.Contains(teller) && (e.SortTime - fault.Time).Duration() < together)
                .MinBy(e => (e.SortTime - fault.Time).Duration()) is { } same)
        {
            same.Tellers.Add(teller);
            same.Revision = ++revision;
            if (fault.Seconds is { } seconds)
                same.Seconds = Math.Max(seconds, same.Seconds ?? 0);
            return;
        }
        var added = Insert(fault.What, fault.Peer, teller, fault.Text, fault.Step, fault.Time, fault.Time, fault.Seconds);
        if (told is null)
            alike[key] = [added];
        else
            told.Add(added);
    }

    /// <summary>Takes in something that only one peer tells.</summary>
    /// <param name="teller">The peer.</param>
    /// <param name="what">The event's kind.</param>
    /// <param name="text">A sentence.</param>
    /// <param name="step">Steps that the peer had applied.</param>
    /// <param name="after">The time that it probably was.</param>
    /// <param name="seconds">Its length, where it has one.</param>
    public void Add(string teller, string what, string text, long step, DateTimeOffset after, double? seconds = null) =>
        Insert(what, teller, teller, text, step, null, after, seconds);

    /// <summary>Forgets what only one peer told, and that it told the rest.</summary>
    public void Forget(string teller)
    {
        Retractions++;
        foreach (var told in events)
            told.Tellers.Remove(teller);
        foreach (var told in events.Where(e => e.Tellers.Count == 0).ToArray())
            Remove(told);
    }

    RunEvent Insert(string what, string? peer, string teller, string text, long step, DateTimeOffset? time, DateTimeOffset sort,
        double? seconds)
    {
        var added = new RunEvent
        {
            Number = ++number,
            What = what,
            Peer = peer,
            Tellers = [teller],
            Text = text,
            Step = step,
            Time = time,
            SortTime = sort,
            Seconds = seconds,
            Revision = ++revision,
        };
        var at = events.Count;
        while (at > 0 && events[at - 1].SortTime > sort)
            at--;
        events.Insert(at, added);
        if (events.Count > CountMax)
        {
            Remove(events[0]);
            Forgotten++;
        }
        return added;
    }

    void Remove(RunEvent gone)
    {
        events.Remove(gone);
        if (alike.TryGetValue((gone.What, gone.Peer, gone.Text), out var told) && told.Remove(gone) && told.Count == 0)
            alike.Remove((gone.What, gone.Peer, gone.Text));
    }
}
