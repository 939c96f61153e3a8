using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>The event log of a run. What several peers report in the same words at about the same time is one event.</summary>
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

    /// <summary>The number of times that what a peer had reported was withdrawn.</summary>
    public int Retractions { get; private set; }

    /// <summary>Adds what a peer reported about the ring.</summary>
    public void Add(string teller, Fault fault) => Add(teller, new RunEvent
    {
        What = fault.What,
        Peer = fault.Peer,
        Tellers = [teller],
        Text = fault.Text,
        Step = fault.Step,
        Time = fault.Time,
        SortTime = fault.Time,
        Seconds = fault.Seconds,
    });

    /// <summary>Adds what a peer reported about itself.</summary>
    /// <param name="teller">The peer.</param>
    /// <param name="what">The event's kind.</param>
    /// <param name="text">A sentence.</param>
    /// <param name="step">Steps that the peer had applied.</param>
    /// <param name="after">The time that it probably was.</param>
    /// <param name="seconds">Its length, where it has one.</param>
    public void Add(string teller, string what, string text, long step, DateTimeOffset after, double? seconds = null) =>
        Add(teller, new RunEvent
        {
            What = what,
            Tellers = [teller],
            Text = text,
            Step = step,
            SortTime = after,
            Seconds = seconds,
        });

    /// <summary>Forgets what only one peer reported, and that it reported the rest.</summary>
    public void Forget(string teller)
    {
        Retractions++;
        foreach (var told in events)
            told.Tellers.Remove(teller);
        foreach (var told in events.Where(e => e.Tellers.Count == 0).ToArray())
            Remove(told);
    }

    void Add(string teller, RunEvent told)
    {
        var key = (told.What, told.Peer, told.Text);
        if (!alike.TryGetValue(key, out var before))
            alike.Add(key, before = []);
        if (before.Where(e => !e.Tellers.Contains(teller) && (e.SortTime - told.SortTime).Duration() < together)
            .MinBy(e => (e.SortTime - told.SortTime).Duration()) is { } same)
        {
            same.Tellers.Add(teller);
            same.Revision = ++revision;
            if (told.Seconds is { } seconds)
                same.Seconds = Math.Max(seconds, same.Seconds ?? 0);
            return;
        }
        before.Add(told);
        (told.Number, told.Revision) = (++number, ++revision);
        var at = events.Count;
        while (at > 0 && events[at - 1].SortTime > told.SortTime)
            at--;
        events.Insert(at, told);
        if (events.Count <= CountMax)
            return;
        Remove(events[0]);
        Forgotten++;
    }

    void Remove(RunEvent gone)
    {
        events.Remove(gone);
        if (alike.TryGetValue((gone.What, gone.Peer, gone.Text), out var told) && told.Remove(gone) && told.Count == 0)
            alike.Remove((gone.What, gone.Peer, gone.Text));
    }
}
