namespace DecentralizedLion.Topology.Exchange;

/// <summary>The links of a ring as one way of the exchange uses them.</summary>
/// <param name="Speed">Bits a second that each member sends, and receives at the same time.</param>
/// <param name="Latency">Seconds from one member to another.</param>
readonly record struct LinkEstimate(double Speed, double Latency);
