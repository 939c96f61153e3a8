using DecentralizedLion.Peer.Checkpoints;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>Locks a folder of results, so that no two processes make the same runs or write the same files: one process locks all
/// of it, or several lock parts with different names.</summary>
sealed class CompareLock : IDisposable
{
    readonly FolderLock folderLock;
    readonly FolderLock? part;

    CompareLock(FolderLock folderLock, FolderLock? part) => (this.folderLock, this.part) = (folderLock, part);

    /// <summary>Takes the folder for all of the comparison.</summary>
    /// <exception cref="CheckpointException">Another process has it, or a part of it.</exception>
    /// <exception cref="UsageException">Nothing can be written there.</exception>
    public static CompareLock OfAll(string folder) => Writable(folder, () => new CompareLock(new FolderLock(folder), null));

    /// <summary>Takes a part of it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name of the part, also of a file.</param>
    /// <exception cref="CheckpointException">Another process has the folder, or this part.</exception>
    /// <exception cref="UsageException">Nothing can be written there.</exception>
    public static CompareLock OfPart(string folder, string name) => Writable(folder, () =>
    {
        var whole = new FolderLock(folder, isShared: true);
        try
        {
            return new CompareLock(whole, new FolderLock(folder, $"{name}.lock"));
        }
        catch
        {
            whole.Dispose();
            throw;
        }
    });

    public void Dispose()
    {
        part?.Dispose();
        folderLock.Dispose();
    }

    static CompareLock Writable(string folder, Func<CompareLock> take)
    {
        try
        {
            return take();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"--out: found \"{folder}\", where nothing can be written ({e.Message}); allowed is a "
                + "folder of yours");
        }
    }
}
