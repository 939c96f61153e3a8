namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>The things that a request asks for.</summary>
enum FetchKind : byte
{
    /// <summary>Records from a step on, if the chain's digest before it is the one given.</summary>
    Records,

    /// <summary>The newest checkpoint's step, length and digest; one is written for the asker when it is old.</summary>
    SnapshotInfo,

    /// <summary>A piece of a checkpoint.</summary>
    Snapshot,

    /// <summary>The newest momentum's step, length and digest.</summary>
    MomentumInfo,

    /// <summary>A piece of a momentum.</summary>
    Momentum,
}
