using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Journal;

/// <summary>
/// The journal of one peer: every step it persisted, in files that follow a step each (<c>journal-00000200.log</c>). A peer that
/// was killed goes on from its checkpoint and these records. Those of two checkpoint intervals are kept; without checkpoints,
/// all. The ring's thread appends and reads while the training thread tells of checkpoints.
/// </summary>
sealed class StepJournal : IJournal, IDisposable
{
    /// <summary>The longest time of records that a power cut may cost.</summary>
    static readonly TimeSpan syncEvery = TimeSpan.FromSeconds(1);

    readonly JournalFolder folder;
    readonly Func<long, IReadOnlyList<Bucket>> bucketsOf;
    readonly List<JournalFile> files;
    readonly Lock gate = new();
    readonly ITimer timer;
    bool unsynced;
    IOException? unsyncable;

    StepJournal(JournalFolder folder, Func<long, IReadOnlyList<Bucket>> bucketsOf, List<JournalFile> files, TimeProvider time)
    {
        (this.folder, this.bucketsOf, this.files) = (folder, bucketsOf, files);
        timer = time.CreateTimer(_ => Sync(), null, syncEvery, syncEvery);
    }

    /// <summary>Sentences about what had to be cut off or thrown away when it was opened.</summary>
    public IReadOnlyList<string> Repairs { get; private set; } = [];

    public long BaseStep
    {
        get
        {
            lock (gate)
                return files.Count == 0 ? 0 : files[0].First;
        }
    }

    public long LastStep
    {
        get
        {
            lock (gate)
                return files.Count == 0 ? 0 : files[^1].Last;
        }
    }

    /// <summary>Opens what is in a folder: the newest records that follow from each other without a gap. Behind a record that is
    /// torn, damaged or of another chain nothing can be trusted, and a later start must not find it: it is cut off.</summary>
    /// <param name="folder">The peer's folder.</param>
    /// <param name="bucketsOf">What a step carries; a record of something else is not good.</param>
    /// <param name="time">Decides when to sync.</param>
    /// <param name="checkpoint">Step and chain of the newest checkpoint that can be read; a journal that ends before it, or is of
    /// another chain, begins anew there. Null when there is none.</param>
    /// <exception cref="IOException">A file cannot be read or cut.</exception>
    /// <exception cref="CheckpointException">Steps after the checkpoint are here that carry something else: they are neither lost
    /// nor damaged.</exception>
    public static StepJournal Open(string folder, Func<long, IReadOnlyList<Bucket>> bucketsOf, TimeProvider time,
        (long Step, Digest Chain)? checkpoint)
    {
        Directory.CreateDirectory(folder);
        var repairs = new List<string>();
        var files = new JournalFolder(folder);
        List<JournalFile> connected = files.OpenConnected(bucketsOf, checkpoint?.Step ?? long.MaxValue, repairs);
        var journal = new StepJournal(files, bucketsOf, connected, time) { Repairs = repairs };
        try
        {
            if (checkpoint is { } at && journal.DescribeGap(at.Step, at.Chain) is { } why)
            {
                if (journal.files.Count > 0)
                    repairs.Add($"{folder}: the journal {why}; it begins anew after step {at.Step}");
                journal.ResetTo(at.Step, at.Chain);
            }
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>The journal of a run whose steps are a vote on all parameters each.</summary>
    /// <inheritdoc cref="Open(string, Func{long, IReadOnlyList{Bucket}}, TimeProvider, ValueTuple{long, Digest}?)"/>
    public static StepJournal Open(string folder, int parameters, TimeProvider time, (long Step, Digest Chain)? checkpoint) =>
        Open(folder, Buckets.Vote(parameters), time, checkpoint);

    public Digest DigestAfter(long step)
    {
        lock (gate)
            return files.Count == 0 && step == 0 ? default : FileOf(step)?.DigestAfter(step)
                ?? throw new ArgumentOutOfRangeException(nameof(step), step, $"the journal has steps {BaseStep} to {LastStep}");
    }

    public void Append(StepRecord record)
    {
        lock (gate)
        {
            if (unsyncable is not null)
                throw new IOException(unsyncable.Message, unsyncable);
            if (record.Step != LastStep + 1)
                throw new ArgumentException($"the record is of step {record.Step}; expected {LastStep + 1}", nameof(record));
            if (files.Count == 0)
                files.Add(JournalFile.Create(folder.PathOf(0), 0, default));
            files[^1].Append(record);
            unsynced = true;
        }
    }

    public StepRecord? Read(long step)
    {
        JournalFile? file;
        JournalFile.Entry entry;
        lock (gate)
        {
            file = FileOf(step);
            if (file is null || step == file.First)
                return null;
            entry = file.EntryOf(step);
        }
        return file.TryRead(entry, bucketsOf); // beside appends; a file that is closed meanwhile has no record
    }

    public void TruncateAfter(long step)
    {
        lock (gate)
        {
            if (step < BaseStep)
                throw new ArgumentOutOfRangeException(nameof(step), step, $"the journal has steps {BaseStep} to {LastStep}");
            var before = files.Count;
            while (files.Count > 0 && files[^1].First > step)
                Remove(files.Count - 1); // the newest first: a crash in between leaves no gap
            if (files.Count < before)
                folder.Sync();
            if (files.Count > 0 && step < files[^1].Last)
                files[^1].TruncateAfter(step);
        }
    }

    public void ResetTo(long step, Digest chain)
    {
        lock (gate)
        {
            while (files.Count > 0)
                Remove(files.Count - 1);
            files.Add(JournalFile.Create(folder.PathOf(step), step, chain));
            files[^1].Sync();
            folder.Sync();
            unsynced = false;
        }
    }

    /// <summary>A checkpoint was written: a new file is begun, after the newest record, and those in which no step is
    /// needed any longer are deleted. For the training thread.</summary>
    /// <param name="oldest">The step after which records are needed: by the oldest checkpoint that is kept, or by a peer that
    /// fetches them.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Checkpointed(long oldest)
    {
        Sync(); // most of it while the ring may append
        lock (gate)
        {
            if (files.Count > 0 && files[^1].Last > files[^1].First)
            {
                var (last, chain) = (LastStep, files[^1].DigestAfter(LastStep));
                files[^1].Sync(); // a file whose records follow must not survive a power cut without these
                files.Add(JournalFile.Create(folder.PathOf(last), last, chain));
                unsynced = true;
            }
            while (files.Count > 1 && files[1].First <= oldest)
                Remove(0);
        }
        Sync();
        folder.Sync();
    }

    /// <summary>True when a folder's journal has no record, and not a part of one either.</summary>
    public static bool IsEmpty(string folder) => new JournalFolder(folder).IsEmpty;

    /// <summary>Deletes all files of the journal, and nothing else that may be in the folder.</summary>
    public static void Clear(string folder) => new JournalFolder(folder).Clear();

    public void Dispose()
    {
        timer.Dispose();
        lock (gate)
        {
            if (files.Count > 0)
                files[^1].Sync();
            foreach (var file in files)
                file.Dispose();
            files.Clear();
        }
    }

    void Remove(int at)
    {
        files[at].Delete();
        files.RemoveAt(at);
    }

    void Sync()
    {
        JournalFile written;
        lock (gate)
        {
            if (!unsynced || files.Count == 0)
                return;
            (unsynced, written) = (false, files[^1]);
            // Not held while the disk is busy: the ring appends.
        }
        try
        {
            written.Sync();
        }
        catch (ObjectDisposedException)
        {
            // It was deleted in between, or synced when it was closed.
        }
        catch (IOException e)
        {
            lock (gate)
                unsyncable = e; // for the next append to report
        }
    }

    /// <summary>The file that knows the chain after a step; where one ends and the next begins, the one with the
    /// record.</summary>
    JournalFile? FileOf(long step)
    {
        foreach (var file in files)
            if (step >= file.First && step <= file.Last)
                return file;
        return null;
    }

    /// <summary>Why the journal does not go on from a checkpoint; null when it does, or begins after it.</summary>
    string? DescribeGap(long step, Digest chain)
    {
        if (files.Count == 0)
            return "is empty";
        if (step > LastStep)
            return $"ends at step {LastStep}, before the checkpoint";
        // A run's chain begins with its bootstrap, after the checkpoint of step 0 was written.
        return step > 0 && step >= BaseStep && DigestAfter(step) != chain ? "is of another chain than the checkpoint" : null;
    }
}
