using System.Text;
using DecentralizedLion.Topology.Configuration;

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
                isShared ? FileAccess.Read : FileAccess.ReadWrite, isShared ? FileShare.Read : FileShare.None, bufferSize: 0);
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

    /// <summary>Takes a peer's folder. The file has the peer's id: what lies beside it, such as the ballots and promises that a
    /// peer has given, is no other peer's.</summary>
    /// <exception cref="CheckpointException">Another process has the folder, or it is another peer's.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static FolderLock OfPeer(string folder, string id)
    {
        var taken = new FolderLock(folder);
        try
        {
            taken.Own(folder, id);
            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    public void Dispose() => file.Dispose();

    void Own(string folder, string id)
    {
        using var reader = new StreamReader(file, Encoding.UTF8, leaveOpen: true);
        var owner = reader.ReadToEnd().Trim();
        if (owner == id)
            return;
        if (owner.Length > 0)
            throw new CheckpointException(folder, $"is the folder of peer \"{SafeText.Text(owner)}\", not of \"{id}\"; choose "
                + $"another one (--out, PeerOptions.Folder), or, if the peer was renamed, delete {FileName} in it");
        try
        {
            file.Write(Encoding.UTF8.GetBytes(id + "\n"));
            file.Flush(flushToDisk: true);
        }
        catch (IOException e)
        {
            throw DiskFault.Of(file.Name, e);
        }
    }
}
