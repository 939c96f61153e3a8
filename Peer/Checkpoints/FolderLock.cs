namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>Keeps a second process off a peer's folder; the system lets go of it when the process ends, however it
/// ends.</summary>
sealed class FolderLock : IDisposable
{
    /// <summary>The file that is locked.</summary>
    public const string FileName = "peer.lock";

    readonly FileStream file;

    /// <exception cref="CheckpointException">Another process has the folder.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public FolderLock(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            file = new FileStream(
                Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
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
