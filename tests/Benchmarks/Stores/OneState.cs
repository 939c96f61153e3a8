using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Benchmarks.Stores;

/// <summary>The state that all peers begin with, without contents: nobody fetches it.</summary>
sealed class OneState : ISnapshotStore
{
    static readonly SnapshotInfo state = new(SnapshotKind.Shared, 0, 0, Digest.Of([]));

    public SnapshotInfo? Newest(SnapshotKind kind, long atMost = long.MaxValue) => kind == SnapshotKind.Shared ? state : null;

    public bool TryRead(in SnapshotInfo snapshot, long offset, Span<byte> destination) => false;

    public bool TryReadPrevious(in SnapshotInfo snapshot, Span<ulong> signs)
    {
        signs.Clear();
        return true;
    }

    public SnapshotInfo? Partial => null;

    public long Received(in SnapshotInfo snapshot) => 0;

    public void Receive(in SnapshotInfo snapshot, ReadOnlySpan<byte> bytes) => throw Unexpected();

    public bool Complete(in SnapshotInfo snapshot) => throw Unexpected();

    public void Retain(int peer, long step)
    {
    }

    public void DropAfter(long step)
    {
        if (step < state.Step)
            throw Unexpected();
    }

    static InvalidOperationException Unexpected() =>
        new("a peer of the benchmark fetches the others' state; all should begin equal");
}
