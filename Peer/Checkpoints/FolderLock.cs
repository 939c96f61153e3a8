namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>Keeps a second process off a peer's folder; the system lets go of it when the process ends, however it
/// ends.</summary>
sealed class FolderLock : IDisposable
{
    /// <summary>The file that is locked.</summary>
    public const string FileName = "peer.lock";

    readonly FileStream file;

    /// <param name="folder">The folder.</param>
    /// <param name="name">The file to lock: who has another one of the same folder is not kept off.</param>
    /// <param name="isShared">True to keep only those off who do not share it.</param>
    /// <exception cref="CheckpointException">Another process has the folder.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public FolderLock(string folder, string name = FileName, bool isShared = false)
    {
        try
        {
            Directory.CreateDirectory(folder);
            file = new FileStream(Path.Combine(folder, name), FileMode.OpenOrCreate,
                isShared ? FileAccess.Read : FileAccess.ReadWrite, isShared ? FileShare.Read : FileShare.None);
        }
        catch (IOException e) when (DiskFault.IsSharing(e))
        {
            throw new CheckpointException(
                folder, "another process writes there; end it, or choose another folder with --out", e);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            throw DiskFault.Of(folder, e);
        }
    }

    public void Dispose() => file.Dispose();
}
