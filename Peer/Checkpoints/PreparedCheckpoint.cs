namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>A checkpoint's files, written but without their names yet: <see cref="CheckpointFolder.Commit"/> gives them those,
/// and what is disposed of before is deleted.</summary>
/// <param name="step">Steps applied.</param>
/// <param name="own">What this peer alone has; null when it has nothing.</param>
/// <param name="shared">What is equal on all peers.</param>
sealed class PreparedCheckpoint(long step, SafetensorsWriter? own, SafetensorsWriter shared) : IDisposable
{
    /// <summary>Steps applied.</summary>
    public long Step => step;

    /// <summary>True when there is something that this peer alone has.</summary>
    public bool HasLocalState => own is not null;

    /// <summary>Waits until all of it is on the disk.</summary>
    /// <exception cref="IOException">It cannot be written; the message names the file and what to do.</exception>
    public void Flush()
    {
        own?.Flush();
        shared.Flush();
    }

    /// <summary>Gives the files their names. The shared one comes last: where it is, its momentum is too.</summary>
    /// <exception cref="IOException">They cannot be written; the message names the file and what to do.</exception>
    public void Commit()
    {
        own?.Commit();
        shared.Commit();
    }

    /// <summary>Deletes what has no name yet.</summary>
    public void Dispose()
    {
        own?.Dispose();
        shared.Dispose();
    }
}
