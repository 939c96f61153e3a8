namespace DecentralizedLion.Topology.Transport;

/// <summary>Names one frame of a step's exchange: which chunk, at which hop, which segment of it.</summary>
/// <param name="Chunk">0 … members − 1.</param>
/// <param name="Hop">1 … 2(N−1) in a ring, 1 or 2 in a direct exchange.</param>
/// <param name="Segment">0 … segments of the chunk − 1.</param>
readonly record struct SegmentId(int Chunk, int Hop, int Segment);
