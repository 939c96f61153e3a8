using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.Exchange;

namespace DecentralizedLion.Topology.Commit;

/// <summary>One step in hand.</summary>
sealed class InflightStep(StepExchange exchange)
{
    public StepExchange Exchange { get; } = exchange;

    public CommitRule Tally { get; } = new();

    /// <summary>The members that have said they are ready.</summary>
    public PeerSet ReadyPeers { get; set; }

    /// <summary>The moment at which the last of them was, as far as can be told from here; null: none has said so.</summary>
    public long? LastReadyAt { get; set; }

    /// <summary>The moment at which the whole outcome was here; null: it is not.</summary>
    public long? CompletedAt { get; set; }

    /// <summary>The time when the step before it was committed.</summary>
    public long StartedAt { get; set; }

    public StepRecord? Record { get; set; }

    /// <summary>The record is in the journal.</summary>
    public bool IsPersisted { get; set; }

    public long AckProgress { get; set; }

    public long Progress => Exchange.Progress + AckProgress;
}
