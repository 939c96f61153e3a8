namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>What is asked for.</summary>
enum FetchKind : byte
{
    /// <summary>Records from a step on, if the chain's digest before it is the one given.</summary>
    Records,

    /// <summary>What the newest checkpoint is; one is written for the asker when it is old.</summary>
    SnapshotInfo,

    /// <summary>A piece of a checkpoint.</summary>
    Snapshot,

    /// <summary>What the newest momentum is.</summary>
    MomentumInfo,

    /// <summary>A piece of a momentum.</summary>
    Momentum,
}
