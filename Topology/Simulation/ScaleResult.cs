namespace DecentralizedLion.Topology.Simulation;

/// <summary>The traffic of a simulated ring, for each peer, and the time of a view change.</summary>
/// <param name="Peers">N.</param>
/// <param name="ExchangeFrames">Frames of the exchange that a peer sends in a step.</param>
/// <param name="ExchangeBytes">Their bytes, with envelopes.</param>
/// <param name="StepFrames">Other frames that a peer sends in a step, heartbeats apart.</param>
/// <param name="ControlBytes">Bytes of all frames beside the exchange's, heartbeats among them, in a step.</param>
/// <param name="HeartbeatsPerSecond">Heartbeats that a peer sends in a second.</param>
/// <param name="ViewChange">From a peer's death to a view without it on all others.</param>
readonly record struct ScaleResult(int Peers, double ExchangeFrames, double ExchangeBytes, double StepFrames,
    double ControlBytes, double HeartbeatsPerSecond, TimeSpan ViewChange);
