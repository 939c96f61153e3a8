using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.Protection;

/// <summary>Reasons for a drop in words.</summary>
static class DropReasons
{
    public static string Describe(DropReason reason) => reason switch
    {
        DropReason.Envelope => "no envelope",
        DropReason.Run => "another run's",
        DropReason.Checksum => "a wrong checksum",
        DropReason.Slot => "a chunk, hop or segment that is not its to send",
        DropReason.Voters => "voters that are not in the view",
        DropReason.Length => "a payload that is not as long as its planes",
        DropReason.Content => "a payload that is not what its kind needs, or counts that cannot be",
        _ => $"{reason}",
    };
}
