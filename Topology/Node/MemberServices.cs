using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Node;

/// <summary>The clock, the stores, the shared state and the calls back to the member that each of its parts is given.</summary>
sealed class MemberServices
{
    public required RingOptions Options { get; init; }

    public required IJournal Journal { get; init; }

    public required ISnapshotStore Snapshots { get; init; }

    public required TimeProvider Clock { get; init; }

    public required Random Random { get; init; }

    public required FrameSender FrameSender { get; init; }

    public required RemotePeer[] Peers { get; init; }

    public required MemberState State { get; init; }

    public required LastCommit LastCommit { get; init; }

    public required FailureDetector FailureDetector { get; init; }

    public required ViewPlanner Planner { get; init; }

    /// <summary>The timeouts as the links' round trips need them.</summary>
    public MeasuredTimings Timings => FailureDetector.Timings;

    /// <summary>Gives the operator a line.</summary>
    public required Action<RingEvent> Raise { get; init; }

    /// <summary>Stops the member for a reason.</summary>
    public required Action<RingException> Fail { get; init; }

    /// <summary>Runs a task whose failure stops the member.</summary>
    public required Action<Task> RunInBackground { get; init; }

    /// <summary>Looks at once at who is there and what is due.</summary>
    public required Action Tick { get; init; }

    /// <summary>Cancelled when the member stops.</summary>
    public required CancellationToken Stopped { get; init; }

    /// <summary>The run's last step is committed here; who is suspected from now on has most likely just ended.</summary>
    public bool IsLastStepCommitted => LastCommit.CommitStep >= Options.LastStep;

    /// <summary>Time since a moment; zero when there was none.</summary>
    public TimeSpan Since(long? moment) => moment is { } at ? Clock.GetElapsedTime(at) : TimeSpan.Zero;

    /// <summary>A number for a disk or a run that no other has.</summary>
    public ulong NewNumber() => NewNumber(Random);

    public static ulong NewNumber(Random random) => (ulong)random.NextInt64(1, long.MaxValue);

    /// <summary>The ids of some peers, for the operator.</summary>
    public string Names(PeerSet members) => string.Join(", ", members.Select(member => Options.PeerIds[member]));

    /// <summary>Reads a step that must be in the journal.</summary>
    public StepRecord ReadRecord(long step) => Journal.Read(step)
        ?? throw new RingException($"step {step} cannot be read from this peer's journal. "
            + "Remove this peer's folder and start it again: it takes the others' state.");

    public void SendToMembers(FrameKind kind, long step, ReadOnlySpan<byte> payload)
    {
        foreach (int member in State.View.Members)
        {
            if (member != Options.SelfIndex)
                FrameSender.SendControl(member, kind, step, payload);
        }
    }
}
