namespace DecentralizedLion.Peer.Cli.Plan;

/// <summary>The cost of a run, by every method.</summary>
/// <param name="Parameters">d.</param>
/// <param name="Peers">N.</param>
/// <param name="LinkBitsPerSecond">What each peer can send, and receive at the same time.</param>
/// <param name="LatencySeconds">From one peer to another.</param>
/// <param name="GradientSeconds">Computing between two exchanges; null: not known.</param>
/// <param name="Keep">The share of the entries that graddrop and dgc send.</param>
/// <param name="Methods">The methods.</param>
/// <param name="Assumptions">What the numbers rest on.</param>
sealed record PlanReport(int Parameters, int Peers, double LinkBitsPerSecond, double LatencySeconds,
    double? GradientSeconds, double Keep, IReadOnlyList<MethodPlan> Methods, IReadOnlyList<string> Assumptions);
