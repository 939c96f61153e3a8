namespace DecentralizedLion.Topology.Snapshots;

/// <summary>
/// A peer's checkpoints, as the ring reads and fills them. Used on the member's loop while the training thread writes new ones.
/// </summary>
interface ISnapshotStore
{
    /// <summary>The newest one at or before a step that is whole; null when there is none.</summary>
    SnapshotInfo? Newest(SnapshotKind kind, long atMost = long.MaxValue);

    /// <summary>Copies bytes of a snapshot out; false when it is gone.</summary>
    bool TryRead(in SnapshotInfo snapshot, long offset, Span<byte> destination);

    /// <summary>Reads the previous signs out of a shared snapshot; false when it is gone or damaged.</summary>
    bool TryReadPrevious(in SnapshotInfo snapshot, Span<ulong> signs);

    /// <summary>The shared snapshot of another peer of which a part was received; null: none.</summary>
    SnapshotInfo? Partial { get; }

    /// <summary>The number of bytes of another peer's snapshot that are here already, from an interrupted fetch of the very same
    /// one.</summary>
    long Received(in SnapshotInfo snapshot);

    /// <summary>Adds bytes at the end of what was received; whatever was received of another snapshot is thrown away.</summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    void Receive(in SnapshotInfo snapshot, ReadOnlySpan<byte> bytes);

    /// <summary>
    /// All bytes are here: checks them against <see cref="SnapshotInfo.Sha"/> and makes them this peer's checkpoint. False when
    /// they are damaged; they are thrown away then.
    /// </summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    bool Complete(in SnapshotInfo snapshot);

    /// <summary>A peer is fetching the snapshot of a step, or the records after it: neither it nor they are deleted for
    /// <see cref="RetainedSteps.TimeLimit"/>.</summary>
    void Retain(int peer, long step);

    /// <summary>Throws away checkpoints after a step, whose contents turned out to be wrong or of another chain.</summary>
    void DropAfter(long step);
}
