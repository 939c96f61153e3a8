namespace DecentralizedLion.Peer.Metrics;

/// <summary>The reasons for which a peer's ballot is not in a step.</summary>
enum AbstentionReason
{
    /// <summary>The gradient, or the peer as a whole, was slower than the others waited.</summary>
    Late,

    /// <summary>It measured the weights on the test split.</summary>
    Evaluating,

    /// <summary>It wrote a checkpoint.</summary>
    Saving,

    /// <summary>Its loss or gradient was not finite.</summary>
    NotFinite,

    /// <summary>No samples of the step were its: it joined after they had been shared out.</summary>
    NoData,

    /// <summary>It computes no more gradients and is about to leave.</summary>
    Leaving,
}
