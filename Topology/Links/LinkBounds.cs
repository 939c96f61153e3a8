using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Membership;

namespace DecentralizedLion.Topology.Links;

/// <summary>What a link takes at most, by what the roster and the model can need.</summary>
/// <param name="LargestPayload">No longer payload is accepted, in bytes; the connection is cut.</param>
/// <param name="WaitingBytes">No more bytes wait for one peer that does not take them; it asks for what was given up.</param>
public readonly record struct LinkBounds(int LargestPayload, long WaitingBytes = 1L << 30)
{
    // A payload is at most this many planes of one segment, whatever the settings: counts and abstentions of 256 voters.
    const int MostPlanes = 18;

    // The open step, the next one, and the last one again.
    const int Steps = 3;

    const long LeastWaiting = 16L << 20, MostWaiting = 1L << 30;

    /// <summary>The bounds of a run.</summary>
    public static LinkBounds Of(MemberOptions options)
    {
        int segment = 0;
        for (int members = 1; members <= options.Names.Count; members++) // a smaller view has longer chunks
            segment = Math.Max(segment, new ChunkMap(options.Parameters, members, options.SegmentWords).SegmentWords);
        // To one neighbour goes, in a step, each parameter's count and abstentions once, and its verdict with zeros once.
        long step = (2L * BitPlanes.Width(options.Names.Count) + 2) * BitPlanes.Words(options.Parameters) * sizeof(ulong);
        return new LinkBounds(Math.Max(segment * sizeof(ulong) * MostPlanes, Ring.PieceLength) + 1024, Math.Clamp(Steps * step, LeastWaiting, MostWaiting));
    }
}
