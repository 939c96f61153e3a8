namespace DecentralizedLion.Topology;

/// <summary>The kinds of events that an operator should hear of.</summary>
enum RingEventKind
{
    /// <summary>A peer answered for the first time, or a new process of it did.</summary>
    Connected,

    /// <summary>The run begins.</summary>
    Bootstrapped,

    /// <summary>A peer is suspected to be dead, or cut off.</summary>
    Suspected,

    /// <summary>A new view was decided after a fault; one event for the change as a whole.</summary>
    ViewChanged,

    /// <summary>A new view was decided, only because peers join or leave in order, or continue after all had left; one event
    /// for the change as a whole.</summary>
    Reconfigured,

    /// <summary>The way of the exchange is another from a view on.</summary>
    ExchangeChanged,

    /// <summary>A peer is a member again: it had been removed from the view, or another process of it was in the view.</summary>
    Rejoined,

    /// <summary>A peer joined the ring that had not been removed from it: it is new, or had left in order.</summary>
    Joined,

    /// <summary>A peer was removed from the view.</summary>
    Removed,

    /// <summary>A peer leaves in order.</summary>
    Leaving,

    /// <summary>There is no quorum; nothing is applied until there is.</summary>
    Paused,

    /// <summary>There is a quorum again after a pause; or training continues after a view change that no fault brought
    /// about.</summary>
    Resumed,

    /// <summary>Training continues after a fault: a member that died, was silent or was cut off, or a broken link.</summary>
    Recovered,

    /// <summary>Records or a snapshot are fetched, or were fetched, from another peer.</summary>
    Fetched,

    /// <summary>A step, or the begin of the run, waits, and for whom.</summary>
    Waiting,

    /// <summary>A peer with other settings, or a second process of one, was refused.</summary>
    Refused,

    /// <summary>Connections or frames from outside the roster, or of another run, were dropped.</summary>
    Rejected,

    /// <summary>A flag, or another peer's claim, was ignored.</summary>
    Ignored,

    /// <summary>A member's weights or record chain differ from the majority's.</summary>
    Diverged,

    /// <summary>The members' weights differ and no majority can say whose are right; all peers stop.</summary>
    Disputed,

    /// <summary>A peer sends what no correct peer sends.</summary>
    Misbehaved,

    /// <summary>It looks as if a member's ballots or sums were not honest; nothing is done about it.</summary>
    Suspicious,

    /// <summary>Records that another view decided otherwise, or that were damaged, were removed from the journal.</summary>
    JournalTruncated,
}
