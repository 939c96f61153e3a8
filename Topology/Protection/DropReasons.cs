using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.Protection;

/// <summary>The words for each reason of a drop.</summary>
static class DropReasons
{
    public static string Describe(DropReason reason) => reason switch
    {
        DropReason.Envelope => "unreadable header",
        DropReason.Run => "belongs to another run",
        DropReason.Session => "from another process of the peer",
        DropReason.View => "of another view",
        DropReason.Step => "of a step that is over or not begun",
        DropReason.Slot => "chunk, hop or segment that this sender may not send",
        DropReason.Voters => "voters that are not in the view",
        DropReason.Length => "payload of the wrong length",
        DropReason.Checksum => "wrong checksum",
        DropReason.Content => "payload that does not fit its kind, or impossible counts",
        DropReason.Repeated => "repeated",
        DropReason.Excluded => "from an excluded peer",
        DropReason.Version => "of another protocol version",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };
}
