namespace DecentralizedLion.Peer.Metrics;

/// <summary>The words for reasons to abstain, on the screen and in metrics files.</summary>
static class AbstentionReasonText
{
    /// <summary>The reason in a word or two.</summary>
    public static string Text(this AbstentionReason reason) => reason switch
    {
        AbstentionReason.Late => "late",
        AbstentionReason.Evaluating => "evaluating",
        AbstentionReason.Saving => "saving",
        AbstentionReason.NotFinite => "not finite",
        AbstentionReason.NoData => "no data",
        AbstentionReason.Leaving => "leaving",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "no such reason"),
    };
}
