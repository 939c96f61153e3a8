using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.Transport;

/// <summary>The part of an envelope that belongs to the exchange.</summary>
readonly record struct SegmentHeader(
    FrameKind Kind, long Step, SegmentId SegmentId, int CountPlanes, int AbstentionPlanes, PeerSet Voters);
