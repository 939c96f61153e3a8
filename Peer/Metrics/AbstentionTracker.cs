using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Metrics;

/// <summary>The reason why this peer's ballot is not in a step: only its own process knows.</summary>
sealed class AbstentionTracker
{
    (long Step, AbstentionReason Reason)? withheld;
    AbstentionReason? busy;

    /// <summary>It does something else than gradients now. Until a ballot of its counts again, that is the reason.</summary>
    public void SetBusy(AbstentionReason with) => busy = with;

    /// <summary>It was asked for a ballot and gives none.</summary>
    public void RecordNoBallot(long step, AbstentionReason reason) => withheld = (step, reason);

    /// <summary>The reason in a step that was decided; null when its ballot is in it, or it was no member.</summary>
    public AbstentionReason? Of(StepRecord record, int self)
    {
        var votes = record.Voters.Contains(self);
        if (votes)
            busy = null;
        return votes || !record.Members.Contains(self) ? null
            : withheld is { } none && none.Step == record.Step ? none.Reason : busy ?? AbstentionReason.Late;
    }
}
