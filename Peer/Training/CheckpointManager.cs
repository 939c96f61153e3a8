using DecentralizedLion.Models;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Training;

/// <summary>The replica and what this peer alone has, to its checkpoints and back.</summary>
sealed class CheckpointManager(
    string peer, CheckpointFolder checkpoints, CheckpointState state, FlatParameters model, Replica replica,
    Fingerprint fingerprint, Action<PeerEvent> tell) : IDisposable
{
    CheckpointWrite? begun;

    /// <summary>The clock by which it is measured how long writing takes.</summary>
    public TimeProvider Time { private get; init; } = TimeProvider.System;

    /// <summary>The step of the checkpoint that was written or loaded last; −1 for none.</summary>
    public long Step { get; private set; } = -1;

    /// <summary>That checkpoint's shared file.</summary>
    public string File => checkpoints.Shared(Step);

    public string Folder => checkpoints.Folder;

    /// <summary>The step after which the journal is needed.</summary>
    public long Oldest => checkpoints.Oldest;

    /// <summary>A sentence about the settings that changed since the checkpoint that was loaded last; null when none
    /// did.</summary>
    public string? SettingsChanged { get; private set; }

    /// <summary>Writes a checkpoint of the present state.</summary>
    /// <param name="open">A ballot; kept when it is one for the next step.</param>
    public void Save(PendingBallot? open)
    {
        BeginSave(open);
        FinishSave();
    }

    /// <summary>Begins to write a checkpoint of the present state, on a thread of its own where all of the state is in host
    /// memory. Until <see cref="AwaitCopy"/> the state may be read, as a gradient does, but not changed.</summary>
    /// <param name="open">A ballot; kept when it is one for the next step.</param>
    /// <returns>False: it is written already, and <see cref="FinishSave"/> has only to commit it.</returns>
    /// <exception cref="IOException">It, or the one before, could not be written; the message names the file and what to
    /// do.</exception>
    public bool BeginSave(PendingBallot? open)
    {
        FinishSave();
        var weights = model.Weights;
        var ballot = MatchingBallot(open);
        var progress = Progress();
        var onOwnThread = weights.AllowsConcurrentReads && state.AllowsConcurrentReads;
        begun = new CheckpointWrite(() => checkpoints.Prepare(progress, state, weights, peer, ballot), files => files.Flush(),
            onOwnThread, Time);
        return onOwnThread;
    }

    /// <summary>Waits until the operating system has all bytes of a checkpoint that was begun: the state may change from then
    /// on.</summary>
    /// <returns>False: there was nothing to wait for.</returns>
    /// <exception cref="IOException">It could not be written; the message names the file and what to do. It is
    /// discarded.</exception>
    public bool AwaitCopy()
    {
        try
        {
            return begun?.AwaitCopy() ?? false;
        }
        catch
        {
            Discard();
            throw;
        }
    }

    /// <summary>True when no checkpoint is being written: <see cref="FinishSave"/> does not wait then.</summary>
    public bool IsIdle => begun?.HasEnded ?? true;

    /// <summary>Waits until a checkpoint that was begun is on the disk, and commits it.</summary>
    /// <returns>False: none was begun.</returns>
    /// <exception cref="IOException">It could not be written; the message names the file and what to do.</exception>
    public bool FinishSave()
    {
        if (begun is not { } write)
            return false;
        begun = null;
        var (files, began, ended) = write.Finish();
        using (files)
            checkpoints.Commit(files);
        Step = files.Step;
        tell(new Saved(Step, File)
        {
            Seconds = Time.GetElapsedTime(began, ended).TotalSeconds,
            SinceWritten = Time.GetElapsedTime(ended),
        });
        return true;
    }

    /// <summary>Gives a checkpoint up that was begun, whether or not it can be written, and waits until nothing reads the state
    /// any more. The next start uses the one before it and the journal, which was not trimmed.</summary>
    public void Discard()
    {
        begun?.Dispose();
        begun = null;
    }

    /// <summary>Writes what this peer alone has: the weights follow from the checkpoint before and the journal. A checkpoint that
    /// was begun is discarded.</summary>
    /// <exception cref="IOException">It cannot be written; the message names the file and what to do.</exception>
    public void SaveLocalState(PendingBallot? open)
    {
        Discard();
        if (!state.HasLocalState)
            return;
        using var file = Checkpoint.PrepareLocalState(checkpoints.Momentum(replica.Step), Progress(), peer, state,
            MatchingBallot(open));
        file.Commit();
    }

    /// <summary>Loads the newest checkpoint that can be read; what this peer alone has, too, unless it has some
    /// already.</summary>
    /// <param name="atMost">Checkpoints after this step are left alone.</param>
    /// <param name="open">The ballot that was cast for a step not committed then, when the momentum came with one.</param>
    /// <returns>False when there is none.</returns>
    /// <exception cref="CheckpointException">There are some, and none can be read.</exception>
    public bool TryLoad(long atMost, out PendingBallot? open)
    {
        open = null;
        long[] steps = [.. checkpoints.Steps().Where(step => step <= atMost)];
        if (steps.Length == 0)
            return false;
        var unreadable = new List<string>();
        foreach (var step in steps)
        {
            var path = checkpoints.Shared(step);
            try
            {
                var progress = Checkpoint.Read(path, state, model.Weights);
                if (progress.Step != step)
                    throw new CheckpointException(path, $"is of step {progress.Step}, not of the step in its name");
                replica.Restore(progress.Step, progress.Chain, progress.Data);
                (Step, SettingsChanged) = (step, SettingsChange.Describe(progress, fingerprint));
            }
            catch (OtherModelException e)
            {
                throw new CheckpointException(path,
                    $"{e.Reason}. Restore model and method in peers.json, or begin anew with --fresh, which deletes this run's "
                        + "files here", e);
            }
            catch (CheckpointException e) when (step == steps[^1])
            {
                throw NoneReadable(steps, e);
            }
            catch (CheckpointException e)
            {
                tell(new Note($"{e.Message}; trying the checkpoint before it"));
                unreadable.Add(path);
                continue;
            }
            unreadable.ForEach(System.IO.File.Delete); // or they would be offered to others, and count among those kept
            if (!state.HasLocalState)
                open = LoadLocalState();
            if (replica.LocalStateStep < replica.Step)
                ClearUntransferable();
            return true;
        }
        return false;
    }

    /// <inheritdoc cref="Discard"/>
    public void Dispose() => Discard();

    /// <summary>The newest that can be read, whatever step it is of: it is a mean or a sum of gradients, and no replica depends
    /// on it.</summary>
    PendingBallot? LoadLocalState()
    {
        foreach (var step in checkpoints.MomentumSteps())
        {
            try
            {
                // Which records came between, when it is of a later step, is not known: they count again.
                replica.MarkLocalStateAt(Math.Min(step, replica.Step));
                return Checkpoint.ReadLocalState(checkpoints.Momentum(step), peer, fingerprint.Hex, state,
                    replica.Optimizer.BucketsOf);
            }
            catch (CheckpointException e)
            {
                tell(new Note($"{e.Message}; an older momentum is used, or zero"));
            }
        }
        replica.MarkLocalStateAt(replica.Step);
        return null;
    }

    /// <summary>Ballots of steps that were not seen here may have been counted; what was sent with them must not be sent
    /// again.</summary>
    void ClearUntransferable()
    {
        foreach (var vector in state.LocalState.Where(vector => !vector.IsTransferable))
            vector.Vector.Clear();
        replica.MarkLocalStateAt(replica.Step);
    }

    /// <summary>The ways forward when no checkpoint here can be read.</summary>
    CheckpointException NoneReadable(long[] steps, CheckpointException last) => new(last.File,
        $"{last.Reason}. None of the {steps.Length} checkpoints in {Folder} can be read ({string.Join(", ",
            steps.Select(step => Path.GetFileName(checkpoints.Shared(step))))}). If other peers of this run have theirs, start "
            + "this one with --fresh: it deletes its files here and fetches the state from them, while they run. If no peer has "
            + "one but a copy was kept elsewhere, put that copy, under its name, into the emptied folder of one host and start "
            + "there with --force-new-ring, the others with --fresh. Else start all peers with --fresh: the run begins anew",
        last);

    Progress Progress() => new(replica.Step, replica.Chain, fingerprint.Hex, replica.Data.State)
    {
        Settings = fingerprint.Fields,
    };

    PendingBallot? MatchingBallot(PendingBallot? open) =>
        open?.Step == replica.Step + 1 && open.DigestBefore == replica.Chain ? open : null;
}
