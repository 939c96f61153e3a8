using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>
/// The count of events that several peers report in the same words. Each reports it once each time, so it happened as
/// often as the peer that reported it most often says.
/// </summary>
sealed class FaultTally
{
    readonly Dictionary<(string What, string? Peer, string Text), Dictionary<string, int>> told = [];

    public void Add(string teller, Fault fault)
    {
        var key = (fault.What, fault.Peer, fault.Text);
        if (!told.TryGetValue(key, out var tellers))
            told.Add(key, tellers = new(StringComparer.Ordinal));
        tellers[teller] = tellers.GetValueOrDefault(teller) + 1;
    }

    /// <summary>The number of times that it happened; with a peer, how often to that peer.</summary>
    public int Count(string what, string? peer = null) =>
        told.Where(t => t.Key.What == what && (peer is null || t.Key.Peer == peer)).Sum(t => t.Value.Values.Max());

    /// <summary>All peers that something happened to.</summary>
    public IEnumerable<string> Peers => told.Keys.Select(k => k.Peer).OfType<string>().Distinct();
}
