namespace DecentralizedLion.Topology.Transport;

/// <summary>The two connections of a pair link: control is never queued behind data.</summary>
enum LinkChannel
{
    /// <summary>Hello, heartbeat, ready, held, ask: small frames that must not wait.</summary>
    Control,

    /// <summary>Reduce and gather segments, pieces of a snapshot.</summary>
    Data,
}
