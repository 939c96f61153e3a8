namespace DecentralizedLion.Peer.Cli.Plan;

/// <summary>One method's costs.</summary>
/// <param name="Method">Its name.</param>
/// <param name="Ring">By the ring exchange.</param>
/// <param name="Direct">By the direct exchange.</param>
/// <param name="JournalBytesPerStep">A step's record.</param>
/// <param name="SnapshotBytes">A checkpoint's shared file, and what a newcomer fetches.</param>
/// <param name="OwnBytes">A checkpoint's file of what each peer alone has.</param>
/// <param name="DirectSpeedup">The ring's time over the direct exchange's.</param>
/// <param name="DirectNeeds">Direct is faster while all of a peer's links at once carry more than this share of its
/// speed.</param>
/// <param name="Automatic">The exchange that <c>"exchange": "auto"</c> comes to on such links: ring or direct.</param>
sealed record MethodPlan(string Method, ExchangePlan Ring, ExchangePlan Direct, double JournalBytesPerStep,
    double SnapshotBytes, double OwnBytes, double DirectSpeedup, double DirectNeeds, string Automatic);
