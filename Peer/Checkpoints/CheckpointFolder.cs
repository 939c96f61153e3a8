using System.Globalization;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>
/// The checkpoints of one peer: <c>step-00000100.safetensors</c> and <c>step-00000100.momentum.safetensors</c>, the last two and
/// those that others are fetching. The training thread commits them, and the ring's may bring those of other peers meanwhile.
/// </summary>
/// <param name="folder">The peer's folder.</param>
/// <param name="time">The clock; null for the system's.</param>
sealed class CheckpointFolder(string folder, TimeProvider? time = null)
{
    const int Kept = 2;
    const string Prefix = "step-", Suffix = ".safetensors", MomentumSuffix = ".momentum.safetensors", FetchSuffix = ".fetch";

    readonly Lock gate = new();

    public string Folder => folder;

    /// <summary>The steps that other peers are fetching.</summary>
    public RetainedSteps Retained { get; } = new(time ?? TimeProvider.System);

    /// <summary>The step after which the journal is needed: that of the oldest checkpoint, or one that another peer is
    /// fetching.</summary>
    public long Oldest => Math.Min(Retained.Oldest, Steps() is [.., var oldest] ? oldest : 0);

    /// <summary>True for the name of a checkpoint's file.</summary>
    public static bool IsName(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal);

    public string Shared(long step) => Path.Combine(folder, Name(step) + Suffix);

    public string Momentum(long step) => Path.Combine(folder, Name(step) + MomentumSuffix);

    /// <summary>The steps that have a checkpoint, newest first.</summary>
    public IReadOnlyList<long> Steps() => StepsWith(Suffix, Shared);

    /// <summary>The steps that have a momentum, newest first. A checkpoint that came from another peer may have none.</summary>
    public IReadOnlyList<long> MomentumSteps() => StepsWith(MomentumSuffix, Momentum);

    /// <summary>Writes the content of both files, which <see cref="Commit"/> makes a checkpoint. The vectors may change
    /// after this.</summary>
    /// <param name="progress">Where the run stands.</param>
    /// <param name="state">What there is beside the weights.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="peer">This peer's id.</param>
    /// <param name="open">The ballot for the next step, if it was cast already.</param>
    /// <exception cref="IOException">They cannot be written; the message names the file and what to do.</exception>
    public PreparedCheckpoint Prepare(Progress progress, CheckpointState state, FlatVector weights, string peer,
        PendingBallot? open = null)
    {
        var own = state.HasLocalState
            ? Checkpoint.PrepareLocalState(Momentum(progress.Step), progress, peer, state, open) : null;
        try
        {
            return new PreparedCheckpoint(progress.Step, own,
                Checkpoint.Prepare(Shared(progress.Step), progress, state, weights));
        }
        catch
        {
            own?.Dispose();
            throw;
        }
    }

    /// <summary>Makes prepared files a checkpoint, and then deletes the oldest.</summary>
    /// <exception cref="IOException">They cannot be written; the message names the file and what to do.</exception>
    public void Commit(PreparedCheckpoint prepared)
    {
        prepared.Commit();
        if (prepared.HasLocalState)
            foreach (var later in MomentumSteps().Where(later => later > prepared.Step))
                File.Delete(Momentum(later)); // of before the run went back
        KeepNewest(prepared.Step);
    }

    /// <summary>The file in which another peer's checkpoint grows until it is whole; its name says which one it is.</summary>
    public string Fetched(in SnapshotInfo snapshot) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture,
        $"{Prefix}{snapshot.Step:D8}.{Name(snapshot.Kind)}.{snapshot.Length}.{snapshot.Sha}{FetchSuffix}"));

    /// <summary>The snapshot that such a file's name says; null: the name is none.</summary>
    public static SnapshotInfo? FetchedInfo(string path, SnapshotKind kind) =>
        Path.GetFileName(path).Split('.') is [var name, var part, var length, var sha, _] && part == Name(kind)
        && name.StartsWith(Prefix, StringComparison.Ordinal)
        && sha.Length == 2 * Digest.Length && sha.All(char.IsAsciiHexDigitLower)
        && long.TryParse(name[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var step)
        && long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
            ? new SnapshotInfo(kind, step, bytes, new Digest(Convert.FromHexString(sha))) : null;

    /// <summary>The files that were fetched of one part, this snapshot's or another's.</summary>
    public IReadOnlyList<string> Fetched(SnapshotKind kind) =>
        Directory.Exists(folder) ? Directory.GetFiles(folder, $"{Prefix}*.{Name(kind)}.*{FetchSuffix}") : [];

    /// <summary>Gives a fetched file, checked and on the disk, its name among the checkpoints. A momentum that is there
    /// stays.</summary>
    public void Adopt(string fetched, SnapshotKind kind, long step)
    {
        lock (gate)
        {
            if (kind == SnapshotKind.Momentum && File.Exists(Momentum(step)))
                File.Delete(fetched);
            else
                File.Move(fetched, kind == SnapshotKind.Shared ? Shared(step) : Momentum(step), overwrite: true);
        }
        AtomicFile.SyncFolder(folder);
        KeepNewest(step);
    }

    /// <summary>Deletes the weights after a step. A momentum is a mean of a peer's own gradients, and right on any
    /// chain.</summary>
    public void DropAfter(long step)
    {
        lock (gate)
            foreach (var later in Steps().Where(later => later > step))
                File.Delete(Shared(later));
    }

    /// <summary>Deletes what a process that was killed had not finished writing.</summary>
    public void DeleteUnfinished()
    {
        if (Directory.Exists(folder))
            foreach (var file in Directory.GetFiles(folder, Prefix + "*" + Suffix + AtomicFile.Suffix))
                File.Delete(file);
    }

    /// <summary>Deletes all checkpoints, and nothing else that may be in the folder.</summary>
    public void Clear()
    {
        DeleteUnfinished();
        lock (gate)
        {
            foreach (var step in Steps())
                File.Delete(Shared(step));
            foreach (var step in MomentumSteps())
                File.Delete(Momentum(step));
        }
        foreach (var file in Fetched(SnapshotKind.Shared).Concat(Fetched(SnapshotKind.Momentum)))
            File.Delete(file);
    }

    /// <summary>Deletes all but the newest of either file, one that was just written, and those that others are
    /// fetching.</summary>
    void KeepNewest(long spared)
    {
        lock (gate)
        {
            foreach (var step in Steps().Skip(Kept).Where(IsOver))
                File.Delete(Shared(step));
            foreach (var step in MomentumSteps().Skip(Kept).Where(IsOver))
                File.Delete(Momentum(step));
        }

        bool IsOver(long step) => step != spared && !Retained.Has(step);
    }

    List<long> StepsWith(string suffix, Func<long, string> path)
    {
        var steps = new List<long>();
        if (!Directory.Exists(folder))
            return steps;
        foreach (var file in Directory.EnumerateFiles(folder, Prefix + "*" + suffix))
            if (long.TryParse(Path.GetFileName(file)[Prefix.Length..^suffix.Length], NumberStyles.None,
                CultureInfo.InvariantCulture, out var step)
                && path(step) == file)
                steps.Add(step);
        steps.Sort((a, b) => b.CompareTo(a));
        return steps;
    }

    static string Name(long step) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:D8}");

    static string Name(SnapshotKind kind) => kind == SnapshotKind.Shared ? "shared" : "momentum";
}
