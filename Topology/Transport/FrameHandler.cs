namespace DecentralizedLion.Topology.Transport;

/// <summary>Takes a frame that arrived. The memory is valid during the call only. Must not throw for any content.</summary>
/// <param name="from">Roster index of the peer whose link it came over.</param>
/// <param name="envelope">The first ZeroMQ frame: the MessagePack envelope, not yet believed.</param>
/// <param name="payload">The second ZeroMQ frame: the raw payload.</param>
delegate void FrameHandler(int from, ReadOnlyMemory<byte> envelope, ReadOnlyMemory<byte> payload);
