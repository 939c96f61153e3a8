namespace DecentralizedLion.Topology;

/// <summary>One line for the operator.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Peer">To whom: a roster index, or −1.</param>
/// <param name="Text">A sentence: what happened, what was done or what to do.</param>
/// <param name="Took">How long it took, where it has a length.</param>
readonly record struct RingEvent(RingEventKind Kind, int Peer, string Text, TimeSpan? Took = null);
