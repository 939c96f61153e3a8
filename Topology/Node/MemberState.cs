using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>The few facts about this process that all parts of the member read.</summary>
sealed class MemberState(Acceptor acceptor)
{
    /// <summary>The latest view that is known to be decided.</summary>
    public View View => acceptor.View;

    /// <summary>The id of this peer's disk.</summary>
    public ulong DiskId => acceptor.State.DiskId;

    /// <summary>A later view was promised: nothing more may be exchanged, held or applied in the present one.</summary>
    public bool HasPromised => acceptor.HasPromised;

    /// <summary>This disk has a vote on the next view.</summary>
    public bool HasVote => acceptor.HasVote;

    /// <summary>This process takes part in the present view.</summary>
    public bool IsActive { get; set; }

    /// <summary>This process is outside the ring and has all there is.</summary>
    public bool IsCaughtUp { get; set; }

    /// <summary>The moment when this peer was asked to leave in order; null: it was not.</summary>
    public long? LeaveAskedAt { get; set; }

    /// <summary>This peer wants to leave in order.</summary>
    public bool IsLeaving => LeaveAskedAt is not null;

    /// <summary>The view by which this process left in order: it ends with the step before that one's first.</summary>
    public View? LeftBy { get; set; }

    /// <summary>The moment from which the member takes part; null: not yet.</summary>
    public long? StartedAt { get; set; }

    /// <summary>The reason why the member stopped; null: it goes on.</summary>
    public RingException? Failure { get; set; }
}
