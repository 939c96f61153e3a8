using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.Simulation.World;

/// <summary>Sees a frame as it is sent, whatever becomes of it. The payload is valid during the call only.</summary>
/// <param name="from">Roster index of the sender.</param>
/// <param name="to">Roster index of the receiver.</param>
/// <param name="header">The envelope.</param>
/// <param name="payload">The payload.</param>
delegate void FrameSpy(int from, int to, in FrameHeader header, ReadOnlySpan<byte> payload);
