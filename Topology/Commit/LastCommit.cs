using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Topology.Commit;

/// <summary>
/// The newest committed step as the ring itself needs it, whatever its trainer has applied: the step, the chain's digest after
/// it, and the previous majority, which decides ties.
/// </summary>
/// <param name="journal">The steps.</param>
/// <param name="snapshots">Checkpoints, which have the previous majority, too.</param>
/// <param name="words">The words of the previous majority; 0: no tie repeats it, so that nothing is kept.</param>
sealed class LastCommit(IJournal journal, ISnapshotStore snapshots, int words)
{
    /// <summary>−1: nothing is known yet.</summary>
    public long CommitStep { get; private set; } = -1;

    public Digest CommitDigest { get; private set; }

    /// <summary>The last majority per parameter that was not zero, one bit each; all words. It changes in place.</summary>
    public ulong[] PreviousSigns { get; } = new ulong[words];

    /// <summary>A step was decided here.</summary>
    public void Advance(StepRecord record)
    {
        if (words > 0)
            record.UpdatePreviousSigns(PreviousSigns);
        (CommitStep, CommitDigest) = (record.Step, record.Digest);
    }

    /// <summary>Goes to any step of the journal, forwards or back.</summary>
    /// <exception cref="RingException">Neither journal nor checkpoints reach back far enough.</exception>
    public void SeekTo(long step)
    {
        if (step == CommitStep && CommitDigest == journal.DigestAfter(step))
            return;
        if (words > 0)
            RebuildPreviousSigns(step);
        (CommitStep, CommitDigest) = (step, journal.DigestAfter(step));
    }

    /// <summary>Nothing here is the ring's any more: a snapshot has to come first.</summary>
    public void Reset() => (CommitStep, CommitDigest) = (-1, default);

    /// <summary>Finds the previous majority after a step.</summary>
    void RebuildPreviousSigns(long step)
    {
        // A majority without zeros is the previous majority as a whole; almost all are.
        long from = step;
        var later = new Stack<StepRecord>();
        bool whole = false;
        while (!whole && from > journal.BaseStep
            && !(from == CommitStep && from < step && CommitDigest == journal.DigestAfter(from)))
        {
            StepRecord record = journal.Read(from)
                ?? throw new RingException($"step {from} cannot be read from this peer's journal. "
                + "Remove this peer's folder and start it again: it takes the others' state.");
            later.Push(record);
            whole = record.Zeros is null;
            from--;
        }
        if (!whole && from != CommitStep)
            Load(ref from, later);
        foreach (StepRecord record in later)
            record.UpdatePreviousSigns(PreviousSigns);
    }

    void Load(ref long from, Stack<StepRecord> later)
    {
        // The journal may begin before the checkpoint; majorities up to it are in it already.
        SnapshotInfo? snapshot = snapshots.Newest(SnapshotKind.Shared, later.Count == 0 ? from : later.Last().Step);
        if (snapshot is not { } found || found.Step < from || !snapshots.TryReadPrevious(found, PreviousSigns))
            throw new RingException(
                $"no checkpoint of step {from} or later is readable here, and the journal does not reach further back. "
                + "Remove this peer's folder and start it again: it takes the others' state.");
        while (later.Count > 0 && later.Peek().Step <= found.Step)
            later.Pop();
        from = found.Step;
    }
}
