namespace DecentralizedLion.Peer.Plan;

/// <summary>What a run would cost, by every method.</summary>
/// <param name="Parameters">d.</param>
/// <param name="Peers">N.</param>
/// <param name="LinkBitsPerSecond">What each peer can send, and receive at the same time.</param>
/// <param name="LatencySeconds">From one peer to another.</param>
/// <param name="GradientSeconds">Computing between two exchanges; null: not known.</param>
/// <param name="Keep">The share of the entries that graddrop and dgc send.</param>
/// <param name="Methods">The methods.</param>
/// <param name="Assumptions">What the numbers rest on.</param>
public sealed record PlanReport(int Parameters, int Peers, double LinkBitsPerSecond, double LatencySeconds, double? GradientSeconds, double Keep,
    IReadOnlyList<MethodPlan> Methods, IReadOnlyList<string> Assumptions);

/// <summary>One method's costs.</summary>
/// <param name="Method">Its name.</param>
/// <param name="Ring">By the ring exchange.</param>
/// <param name="Direct">By the direct exchange.</param>
/// <param name="JournalBytesPerStep">A step's record.</param>
/// <param name="SnapshotBytes">A checkpoint's shared file, and what a newcomer fetches.</param>
/// <param name="OwnBytes">A checkpoint's file of what each peer alone has.</param>
/// <param name="DirectSpeedup">The ring's time over the direct exchange's.</param>
/// <param name="DirectNeeds">Direct is faster while all of a peer's links at once carry more than this share of its speed.</param>
public sealed record MethodPlan(string Method, ExchangePlan Ring, ExchangePlan Direct, double JournalBytesPerStep, double SnapshotBytes, double OwnBytes,
    double DirectSpeedup, double DirectNeeds);

/// <summary>One exchange's costs, for each peer.</summary>
/// <param name="Exchange">ring or direct.</param>
/// <param name="IsPlanned">Whether peers.json says this method and exchange.</param>
/// <param name="BitsPerParameter">Bits sent per parameter and step.</param>
/// <param name="BytesPerStep">Bytes sent in a step, with frames.</param>
/// <param name="SecondsPerStep">How long the exchange takes.</param>
/// <param name="ShareOfStep">The exchange's share of a step; null where the gradient's time is not known.</param>
/// <param name="StepsPerHour">Steps an hour.</param>
/// <param name="JournalBytesPerHour">What the journal grows by.</param>
public sealed record ExchangePlan(string Exchange, bool IsPlanned, double BitsPerParameter, double BytesPerStep, double SecondsPerStep, double? ShareOfStep,
    double StepsPerHour, double JournalBytesPerHour);
