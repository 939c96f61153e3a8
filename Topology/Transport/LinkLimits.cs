namespace DecentralizedLion.Topology.Transport;

/// <summary>The limits of a link, by what the roster and the model can need.</summary>
/// <param name="PayloadMax">No longer payload is accepted, in bytes; the connection is cut.</param>
/// <param name="QueuedBytesMax">No more bytes wait for one peer that does not take them; it asks for what was given up.</param>
readonly record struct LinkLimits(int PayloadMax, long QueuedBytesMax = 1L << 30);
