using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Links;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Membership;

/// <summary>Skeleton.</summary>
public sealed class Member
{
    /// <summary>Makes a member; <see cref="Start"/> starts it.</summary>
    public Member(MemberOptions options, IMesh mesh, IJournal journal, ISnapshotStore snapshots, IViewStore views, TimeProvider clock,
        Random random)
    {
    }

    /// <summary>Lines for the operator, on the loop.</summary>
    public event Action<RingEvent>? Happened;

    /// <summary>The latest view that is known to be decided; null before a run is founded.</summary>
    public View? View => null;

    /// <summary>Whether this process takes part in <see cref="View"/>: it is in it and holds all that came before.</summary>
    public bool IsActive => false;

    /// <summary>The last committed step that is known here.</summary>
    public long Committed => 0;

    /// <summary>How often something was asked for again.</summary>
    public long Retries => 0;

    /// <summary>Greets the others and takes part from then on.</summary>
    public void Start() => throw new NotImplementedException();

    /// <summary>What the trainer does next; waits until there is something. One call at a time.</summary>
    /// <param name="applied">The last step applied; of a <see cref="ReloadTurn"/>, the step of the snapshot that was loaded.</param>
    /// <param name="weights">Digest of the slice of the weights that step <paramref name="applied"/> + 1 compares.</param>
    /// <exception cref="RingException">The ring cannot go on with this peer; the message says why.</exception>
    public Task<Turn> NextAsync(long applied, ChainDigest weights) => throw new NotImplementedException();

    /// <summary>Gives this peer's ballot for a step.</summary>
    /// <param name="step">The step of a <see cref="ComputeTurn"/>, or the step after the one that the trainer starts from.</param>
    /// <param name="ballot">Its signs, or null to relay; must not change until the step after it was applied here.</param>
    /// <param name="loss">The loss on the mini-batch.</param>
    /// <param name="took">How long the gradient took; zero when it is not known.</param>
    public void Cast(long step, Ballot? ballot, float loss, TimeSpan took) => throw new NotImplementedException();

    /// <summary>Asks to leave in order.</summary>
    public void RequestStop() => throw new NotImplementedException();

    /// <summary>Stops at once, without a word.</summary>
    public void Abort() => throw new NotImplementedException();

    void Unused() => Happened?.Invoke(default);
}
