using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>
/// A peer's checkpoints as the ring serves them to others and fills them from others. What was fetched lies in a file that names
/// the snapshot it is a part of, so that a new process goes on where the last one stopped.
/// </summary>
/// <param name="checkpoints">The peer's checkpoints.</param>
/// <param name="state">What a checkpoint holds; a snapshot of another model or method is not taken.</param>
sealed class SnapshotStore(CheckpointFolder checkpoints, CheckpointState state)
    : ISnapshotStore, IDisposable
{
    /// <summary>Both parts of the last two checkpoints, and of two that others are fetching.</summary>
    const int ServedMax = 8;

    readonly Dictionary<string, Known> known = new(StringComparer.Ordinal);
    // open, whatever becomes of their names; the newest use last
    readonly List<(SnapshotInfo Info, SafetensorsFile File)> served = [];
    readonly HashSet<SnapshotInfo> verified = [];

    /// <summary>The contents of a file's header when it was last read.</summary>
    readonly record struct Known(long Length, DateTime Written, SnapshotInfo Info);

    public SnapshotInfo? Newest(SnapshotKind kind, long atMost = long.MaxValue)
    {
        foreach (var step in kind == SnapshotKind.Shared ? checkpoints.Steps() : checkpoints.MomentumSteps())
            if (step <= atMost && Describe(kind, step) is { } info)
                return info;
        return null;
    }

    public bool TryRead(in SnapshotInfo snapshot, long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > snapshot.Length - destination.Length || Open(snapshot) is not { } file)
            return false;
        try
        {
            file.ReadBytes(offset, destination);
            return true;
        }
        catch (CheckpointException)
        {
            Close(snapshot);
            return false;
        }
    }

    public bool TryReadPrevious(in SnapshotInfo snapshot, Span<ulong> signs)
    {
        if (snapshot.Kind != SnapshotKind.Shared || Open(snapshot) is not { } file)
            return false;
        try
        {
            var previous = file.Require(CheckpointState.PreviousSigns, TensorType.I64, [signs.Length]);
            if (!verified.Contains(snapshot))
                file.Verify();
            verified.Add(snapshot);
            file.Read(previous, signs);
            return true;
        }
        catch (CheckpointException)
        {
            Close(snapshot);
            return false;
        }
    }

    public SnapshotInfo? Partial => checkpoints.Fetched(SnapshotKind.Shared) is [var path, ..]
        ? CheckpointFolder.FetchedInfo(path, SnapshotKind.Shared) : null;

    public long Received(in SnapshotInfo snapshot)
    {
        var file = new FileInfo(checkpoints.Fetched(snapshot));
        return file.Exists && file.Length <= snapshot.Length ? file.Length : 0;
    }

    public void Receive(in SnapshotInfo snapshot, ReadOnlySpan<byte> bytes)
    {
        var path = checkpoints.Fetched(snapshot);
        foreach (var other in checkpoints.Fetched(snapshot.Kind))
            if (other != path)
                File.Delete(other);
        Directory.CreateDirectory(checkpoints.Folder);
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        file.Seek(Received(snapshot), SeekOrigin.Begin); // one that is too long is begun anew
        file.Write(bytes);
        file.SetLength(file.Position);
    }

    public bool Complete(in SnapshotInfo snapshot)
    {
        var path = checkpoints.Fetched(snapshot);
        if (!IsWhole(path, snapshot))
        {
            File.Delete(path);
            return false;
        }
        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.FlushToDisk(file);
        checkpoints.Adopt(path, snapshot.Kind, snapshot.Step);
        verified.Add(snapshot);
        return true;
    }

    public void Retain(int peer, long step) => checkpoints.Retained.Retain(peer, step);

    public void DropAfter(long step) => checkpoints.DropAfter(step);

    public void Dispose()
    {
        foreach (var (_, file) in served)
            file.Dispose();
        served.Clear();
    }

    bool IsWhole(string path, in SnapshotInfo snapshot)
    {
        try
        {
            using var file = new SafetensorsFile(path);
            if (!Is(file, snapshot))
                return false;
            if (snapshot.Kind == SnapshotKind.Shared)
                Checkpoint.Check(file, state);
            else
                Checkpoint.CheckLocalState(file, state);
            return true;
        }
        catch (CheckpointException)
        {
            return false;
        }
    }

    /// <summary>The description by which a checkpoint's file is offered to others; only its header is read, and only
    /// once.</summary>
    SnapshotInfo? Describe(SnapshotKind kind, long step)
    {
        var file = new FileInfo(PathOf(kind, step));
        if (!file.Exists)
            return null;
        var (length, written) = (file.Length, file.LastWriteTimeUtc);
        if (known.TryGetValue(file.FullName, out var found) && (found.Length, found.Written) == (length, written))
            return found.Info;
        try
        {
            using var opened = new SafetensorsFile(file.FullName);
            var info = new SnapshotInfo(kind, step, opened.Length, Checkpoint.DigestOf(opened));
            if (Checkpoint.StepOf(opened) != step)
                return null;
            known[file.FullName] = new Known(length, written, info);
            return info;
        }
        catch (CheckpointException)
        {
            return null; // damaged, or gone since; an older one may do
        }
    }

    /// <summary>The open file of a snapshot; null when it is gone.</summary>
    SafetensorsFile? Open(in SnapshotInfo snapshot)
    {
        for (var at = 0; at < served.Count; at++)
            if (served[at].Info == snapshot)
            {
                var found = served[at];
                served.RemoveAt(at);
                served.Add(found);
                return found.File;
            }
        SafetensorsFile? file = null;
        try
        {
            file = new SafetensorsFile(PathOf(snapshot.Kind, snapshot.Step));
            if (!Is(file, snapshot))
            {
                file.Dispose();
                return null;
            }
        }
        catch (CheckpointException)
        {
            file?.Dispose();
            return null;
        }
        if (served.Count == ServedMax)
            Close(served[0].Info);
        served.Add((snapshot, file));
        return file;
    }

    void Close(SnapshotInfo snapshot)
    {
        var at = served.FindIndex(one => one.Info == snapshot);
        if (at < 0)
            return;
        served[at].File.Dispose();
        served.RemoveAt(at);
    }

    static bool Is(SafetensorsFile file, in SnapshotInfo snapshot) =>
        file.Length == snapshot.Length && Checkpoint.StepOf(file) == snapshot.Step && Checkpoint.DigestOf(file) == snapshot.Sha;

    string PathOf(SnapshotKind kind, long step) =>
        kind == SnapshotKind.Shared ? checkpoints.Shared(step) : checkpoints.Momentum(step);
}
