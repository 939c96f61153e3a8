using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Metrics;

/// <summary>Why this peer's ballot is not in a verdict: only its own process knows.</summary>
public sealed class AbstentionTracker
{
    /// <summary>The gradient, or the peer as a whole, was slower than the others waited.</summary>
    public const string Late = "late";

    /// <summary>It measured the weights on the test part.</summary>
    public const string Evaluating = "evaluating";

    /// <summary>It wrote a checkpoint.</summary>
    public const string Saving = "saving";

    /// <summary>Its loss or gradient was not finite.</summary>
    public const string NotFinite = "not finite";

    /// <summary>No samples of the step were its: it was taken in after they had been shared out.</summary>
    public const string NoData = "no data";

    /// <summary>It computes no more gradients and is about to leave.</summary>
    public const string Leaving = "leaving";

    (long Step, string Why)? withheld;
    string? busy;

    /// <summary>It does something else than gradients now. Until a ballot of its counts again, that is why.</summary>
    public void SetBusy(string what) => busy = what;

    /// <summary>It was asked for a ballot and casts none.</summary>
    public void RecordNoBallot(long step, string why) => withheld = (step, why);

    /// <summary>The reason in a step that was decided; null when its ballot is in it, or it was no member.</summary>
    public string? Of(StepRecord record, int self)
    {
        var votes = record.Voters.Contains(self);
        if (votes)
            busy = null;
        return votes || !record.Members.Contains(self)
            ? null : withheld is { } none && none.Step == record.Step ? none.Why : busy ?? Late;
    }
}
