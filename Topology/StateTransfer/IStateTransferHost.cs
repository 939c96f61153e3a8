using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>The services that the state transfer needs of the member it is a part of.</summary>
interface IStateTransferHost
{
    /// <summary>The target of the transfer; null when nothing is lacking.</summary>
    FetchTarget? Target { get; }

    /// <summary>Whom to ask, best first.</summary>
    IEnumerable<int> CandidateDonors(FetchTarget target);

    /// <summary>The newest step that a donor knows to be committed, by its last word; 0: none is known.</summary>
    long CommittedOf(int donor);

    /// <summary>
    /// True when this peer's records from a step on may be cut off because a donor's chain does not have them: the donor takes
    /// part in the ring, this peer does not, and a later view was decided since they were persisted.
    /// </summary>
    bool CanTruncate(int donor, long from);

    /// <summary>True when a momentum is wanted with a checkpoint.</summary>
    bool WantsMomentum { get; }

    /// <summary>Records were appended, or a donor had no more.</summary>
    /// <param name="donor">Who was asked.</param>
    /// <param name="committed">The newest step that it knows to be committed.</param>
    /// <param name="upToDate">It has nothing beyond what is here.</param>
    void OnRecordsFetched(int donor, long committed, bool upToDate);

    /// <summary>Records after a step are not the ring's and are to be cut off.</summary>
    void TruncateAfter(long after);

    /// <summary>Another peer's checkpoint is here and the journal is to begin after it.</summary>
    void OnSnapshotInstalled(SnapshotInfo snapshot, Digest chain);

    /// <summary>The donor's newest checkpoint is ours, too, and whole: for a replica whose weights are damaged.</summary>
    void OnSnapshotPresent(SnapshotInfo snapshot);

    /// <summary>A donor's checkpoints are all too old for a replica whose weights are damaged, so that it writes another one now,
    /// or it has deleted those up to the step that was asked for.</summary>
    void OnSnapshotMissing();

    void Raise(RingEvent happened);
}
