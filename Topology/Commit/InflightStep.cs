using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.Exchange;

namespace DecentralizedLion.Topology.Commit;

/// <summary>One step in hand.</summary>
sealed class InflightStep(StepExchange exchange)
{
    public StepExchange Exchange { get; } = exchange;

    public AckTracker Tally { get; } = new();

    /// <summary>Who has said that its word is ready.</summary>
    public PeerSet ReadyPeers { get; set; }

    /// <summary>When the step before it was committed.</summary>
    public long StartedAt { get; set; }

    public StepRecord? Record { get; set; }

    /// <summary>The record is in the journal.</summary>
    public bool IsPersisted { get; set; }

    public long AckProgress { get; set; }

    public long Progress => Exchange.Progress + AckProgress;
}
