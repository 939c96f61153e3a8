using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Benchmarks.Faults;

/// <summary>An event of a peer, and the time when it arrived here; no event: its process ended.</summary>
readonly record struct ReceivedEvent(long At, int Peer, PeerEvent? Event)
{
    public Stepped? Step => Event as Stepped;

    public bool IsFault(string what, string? peer = null) =>
        Event is Fault fault && fault.What == what && (peer is null || fault.Peer == peer);
}
