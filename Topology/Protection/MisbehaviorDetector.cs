using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.Protection;

/// <summary>
/// Counts what each peer sends that no correct peer can, whatever the network does to it: with a good checksum, a place that is
/// not its own, voters that are not in the view, planes or a payload that do not fit. A bad checksum counts only where the link
/// would have found a flipped bit itself: there its frame has a session that only the peer knows. An envelope that cannot be
/// read shows no session, so anybody on either host may have written it to a loopback socket behind the TLS front: it never
/// counts. Nor does what a correct peer may pass on from another, such as a set of voters that contradicts an earlier one.
/// </summary>
sealed class MisbehaviorDetector(int peers, TimeProvider clock)
{
    /// <summary>So many within <see cref="Window"/> are too many: one may be a fault of memory.</summary>
    public const int ViolationsMax = 16;

    static readonly TimeSpan reportEvery = TimeSpan.FromSeconds(30);

    readonly (long Since, int Count)[] counts = new (long, int)[peers];
    readonly ReportLimiter[] reports = [.. Enumerable.Range(0, peers).Select(_ => new ReportLimiter(clock, reportEvery, 1))];

    /// <summary>The time for which a violation is remembered.</summary>
    public static TimeSpan Window { get; } = TimeSpan.FromMinutes(1);

    /// <summary>True when a frame that was dropped for a reason is one that no correct peer sends.</summary>
    /// <param name="reason">Why it was dropped.</param>
    /// <param name="envelope">Its envelope.</param>
    /// <param name="payload">Its payload.</param>
    /// <param name="members">The view's members.</param>
    /// <param name="authenticates">Whether the link itself finds what was changed on the way.</param>
    public bool IsProtocolViolation(DropReason reason, ReadOnlyMemory<byte> envelope, ReadOnlySpan<byte> payload, PeerSet members,
        bool authenticates)
    {
        switch (reason)
        {
            case DropReason.Checksum:
                return authenticates;
            case DropReason.Slot or DropReason.Voters or DropReason.Length or DropReason.Content:
                // A greeting may be a later program's; a place and the like are looked at before the checksum.
                return FrameHeader.TryRead(envelope, out FrameHeader header, out _) && header.Kind != FrameKind.Hello
                    && (reason != DropReason.Voters || !header.Voters.IsSubsetOf(members))
                    && header.Checksum(payload) == header.Crc;
            default:
                return false;
        }
    }

    /// <summary>Counts one; true when it is time to do something about the peer.</summary>
    /// <param name="peer">A roster index.</param>
    /// <param name="since">What to add to the report.</param>
    public bool TryReport(int peer, out string since)
    {
        (long began, int count) = counts[peer];
        if (count == 0 || clock.GetElapsedTime(began) > Window)
            (began, count) = (clock.GetTimestamp(), 0);
        counts[peer] = (began, ++count < ViolationsMax ? count : 0);
        since = "";
        return count >= ViolationsMax && reports[peer].TryAcquire(out since);
    }
}
