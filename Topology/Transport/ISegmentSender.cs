namespace DecentralizedLion.Topology.Transport;

/// <summary>Puts one segment on the wire; everything is copied before it returns.</summary>
interface ISegmentSender
{
    /// <summary>Sends a segment.</summary>
    /// <param name="member">Roster index of the receiver.</param>
    /// <param name="segment">What it is: kind, place, planes and voters.</param>
    /// <param name="counts">Count planes (or the majority's signs), one after the other.</param>
    /// <param name="abstentions">Abstention planes (or the majority's zeros), possibly none.</param>
    /// <param name="losses">The voters' losses as float bits beside chunk 0's first segment, else empty.</param>
    void Send(int member, in SegmentHeader segment, ReadOnlySpan<ulong> counts, ReadOnlySpan<ulong> abstentions,
        ReadOnlySpan<uint> losses);
}
