using System.Runtime.InteropServices;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Topology.Simulation.World;

/// <summary>The checkpoints on a simulated disk, as the ring reads and fills them.</summary>
sealed class SimulatedSnapshots(DiskHandle handle) : ISnapshotStore
{
    /// <summary>The number of replicated snapshots that were fetched from others.</summary>
    public int Fetched { get; private set; }

    public SnapshotInfo? Newest(SnapshotKind kind, long atMost = long.MaxValue)
    {
        SortedList<long, byte[]> kept = Kept(kind);
        for (int at = kept.Count - 1; at >= 0; at--)
        {
            if (kept.Keys[at] <= atMost)
                return new SnapshotInfo(kind, kept.Keys[at], kept.Values[at].Length, Digest.Of(kept.Values[at]));
        }
        return null;
    }

    public bool TryRead(in SnapshotInfo snapshot, long offset, Span<byte> destination)
    {
        if (Find(snapshot) is not { } bytes || offset < 0 || offset + destination.Length > bytes.Length)
            return false;
        bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);
        return true;
    }

    public bool TryReadPrevious(in SnapshotInfo snapshot, Span<ulong> signs)
    {
        if (snapshot.Kind != SnapshotKind.Shared || Find(snapshot) is not { } bytes)
            return false;
        MemoryMarshal.Cast<byte, ulong>(SimulatedReplica.PreviousOf(bytes, handle.Disk.Parameters)).CopyTo(signs);
        return true;
    }

    public SnapshotInfo? Partial =>
        handle.Disk.Partial.Info is { Length: > 0, Kind: SnapshotKind.Shared } partial ? partial : null;

    public long Received(in SnapshotInfo snapshot) =>
        handle.Disk.Partial is var (info, bytes) && info == snapshot ? bytes.Count : 0;

    public void Receive(in SnapshotInfo snapshot, ReadOnlySpan<byte> bytes)
    {
        SimulatedDisk disk = handle.Disk;
        disk.NeedSpace("a piece of a snapshot");
        if (disk.Partial.Info != snapshot)
            disk.Partial = (snapshot, []);
        disk.Partial.Bytes.AddRange(bytes);
    }

    public bool Complete(in SnapshotInfo snapshot)
    {
        SimulatedDisk disk = handle.Disk;
        disk.NeedSpace("a snapshot");
        byte[] bytes = disk.Partial.Info == snapshot ? [.. disk.Partial.Bytes] : [];
        disk.Partial = (default, []);
        if (bytes.Length != snapshot.Length || Digest.Of(bytes) != snapshot.Sha
            || (snapshot.Kind == SnapshotKind.Shared && bytes.Length != SimulatedReplica.SavedLength(disk.Parameters)))
            return false;
        Kept(snapshot.Kind)[snapshot.Step] = bytes;
        Fetched += snapshot.Kind == SnapshotKind.Shared ? 1 : 0;
        return true;
    }

    public void Retain(int peer, long step) => handle.Disk.Retained.Retain(peer, step);

    public void DropAfter(long step)
    {
        foreach (SortedList<long, byte[]> kept in (ReadOnlySpan<SortedList<long, byte[]>>)[handle.Disk.Shared,
            handle.Disk.Momentum])
        {
            while (kept.Count > 0 && kept.Keys[^1] > step)
                kept.RemoveAt(kept.Count - 1);
        }
    }

    SortedList<long, byte[]> Kept(SnapshotKind kind) => kind == SnapshotKind.Shared ? handle.Disk.Shared : handle.Disk.Momentum;

    byte[]? Find(in SnapshotInfo snapshot) =>
        Kept(snapshot.Kind).TryGetValue(snapshot.Step, out byte[]? bytes) && Digest.Of(bytes) == snapshot.Sha ? bytes : null;
}
