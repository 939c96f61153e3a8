namespace DecentralizedLion.Topology.Transport;

/// <summary>A listening address cannot be used; the message says which and why.</summary>
public sealed class RingAddressException(string message, Exception inner) : Exception(message, inner);
