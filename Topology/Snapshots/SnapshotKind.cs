namespace DecentralizedLion.Topology.Snapshots;

/// <summary>The two files of a checkpoint.</summary>
enum SnapshotKind
{
    /// <summary>Weights, previous majority, data cursor: the same bytes on every member.</summary>
    Shared,

    /// <summary>A peer's own momentum, of use to one that has lost its disk.</summary>
    Momentum,
}
