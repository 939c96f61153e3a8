using System.Globalization;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Journal;

/// <summary>
/// The journal of one peer: every step it held, in files that begin at a checkpoint each (<c>journal-00000200.log</c>). A peer that
/// was killed goes on from its checkpoint and these records. Those of two checkpoint intervals are kept.
/// </summary>
public sealed class StepJournal : IJournal, IDisposable
{
    const string Prefix = "journal-", Suffix = ".log";

    /// <summary>What a power cut may cost.</summary>
    static readonly TimeSpan syncEvery = TimeSpan.FromSeconds(1);

    readonly string folder;
    readonly int parameters;
    readonly ITimer timer;
    readonly Lock gate = new();
    JournalFile? file;
    long last;
    bool unsynced;
    IOException? unsyncable;

    public StepJournal(string folder, int parameters, TimeProvider time)
    {
        (this.folder, this.parameters) = (folder, parameters);
        timer = time.CreateTimer(_ => Sync(), null, syncEvery, syncEvery);
    }

    /// <summary>
    /// The records that follow a checkpoint, in order, each chained to the one before it; afterwards the journal is ready to append
    /// after the last of them.
    /// </summary>
    /// <param name="step">The checkpoint's step.</param>
    /// <param name="chain">Its chain digest.</param>
    /// <param name="apply">Takes each record.</param>
    /// <returns>A sentence about records that had to be cut off, or null.</returns>
    public string? Replay(long step, ChainDigest chain, Action<StepRecord> apply)
    {
        foreach (var (_, path) in Files())
        {
            long used = 0;
            foreach (var (record, end) in JournalFile.Read(path, parameters))
            {
                if (record.Step > step)
                {
                    if (record.Step != step + 1 || record.ChainedTo(chain).Digest != record.Digest)
                        break;
                    apply(record);
                    (step, chain) = (record.Step, record.Digest);
                }
                used = end;
            }
            if (used == new FileInfo(path).Length)
                continue;
            // Behind a record that is torn, damaged or of another chain nothing can be trusted; a later replay must not find it.
            JournalFile.Cut(path, used);
            foreach (var (_, later) in Files().SkipWhile(file => file.Path != path).Skip(1))
                File.Delete(later);
            return $"{path}: torn or damaged behind step {step}; it was cut off at byte {used}, after the last good record";
        }
        return null;
    }

    /// <summary>Starts a new file at a checkpoint (or at the start) and deletes those that two checkpoints have made needless.</summary>
    /// <param name="step">The checkpoint's step; the ring may have held later ones already.</param>
    /// <param name="oldest">Records up to this step are not needed any more.</param>
    public void Begin(long step, long oldest)
    {
        lock (gate)
        {
            file?.Sync();
            file?.Dispose();
            last = Math.Max(step, last);
            file = JournalFile.Create(PathOf(last));
        }
        var files = Files();
        for (var next = 1; next < files.Count; next++)
            if (files[next].First <= oldest) // a file's steps end where the next one begins
                File.Delete(files[next - 1].Path);
    }

    public void Append(StepRecord record)
    {
        lock (gate)
        {
            if (unsyncable is not null)
                throw new IOException(unsyncable.Message, unsyncable);
            (file ?? throw new InvalidOperationException("the journal has no file yet")).Append(record);
            (last, unsynced) = (record.Step, true);
        }
    }

    /// <summary>Deletes all files of the journal, and nothing else that may be in the folder.</summary>
    public static void Clear(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, Prefix + "*" + Suffix).ToArray())
            File.Delete(path);
    }

    public void Dispose()
    {
        timer.Dispose();
        lock (gate)
        {
            file?.Sync();
            file?.Dispose();
            file = null;
        }
    }

    void Sync()
    {
        JournalFile? written;
        lock (gate)
        {
            if (!unsynced)
                return;
            (unsynced, written) = (false, file);
            // Not held while the disk is busy: the ring appends.
        }
        try
        {
            written?.Sync();
        }
        catch (ObjectDisposedException)
        {
            // A new file was begun in between; the old one was synced when it was closed.
        }
        catch (IOException e)
        {
            lock (gate)
                unsyncable = e; // for the next append to report
        }
    }

    string PathOf(long step) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:D8}{Suffix}"));

    /// <summary>The files by the step they follow, oldest first.</summary>
    List<(long First, string Path)> Files()
    {
        var files = new List<(long First, string Path)>();
        if (!Directory.Exists(folder))
            return files;
        foreach (var path in Directory.EnumerateFiles(folder, Prefix + "*" + Suffix))
            if (long.TryParse(Path.GetFileName(path)[Prefix.Length..^Suffix.Length], NumberStyles.None,
                CultureInfo.InvariantCulture, out var first))
                files.Add((first, path));
        files.Sort((a, b) => a.First.CompareTo(b.First));
        return files;
    }
}
