namespace DecentralizedLion.Topology;

/// <summary>The ring cannot go on; the message says why and what to do.</summary>
public class RingException(string message) : Exception(message);
