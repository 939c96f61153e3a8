using System.Runtime.InteropServices;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>
/// A file that appears under its name only when it is whole and on disk: written beside it, flushed, renamed, and the folder
/// synced, so that a crash at any moment leaves the old file or the new one.
/// </summary>
sealed partial class AtomicFile : IDisposable
{
    /// <summary>The end of the file's name until it is committed.</summary>
    public const string Suffix = ".part";

    readonly string path;
    readonly string temporary;
    readonly FileStream stream;
    bool isFlushed, isCommitted;

    public AtomicFile(string path)
    {
        this.path = path = Path.GetFullPath(path);
        temporary = path + Suffix;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            throw DiskFault.Of(path, e);
        }
    }

    public long Length => stream.Length;

    /// <exception cref="IOException">It cannot be written; the message names the file and what to do.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        isFlushed = false;
        try
        {
            stream.Write(bytes);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            throw DiskFault.Of(path, e);
        }
    }

    /// <summary>Waits until all that was written is on the disk.</summary>
    /// <exception cref="IOException">It cannot be written; the message names the file and what to do.</exception>
    public void Flush()
    {
        if (isFlushed)
            return;
        try
        {
            stream.Flush(flushToDisk: true);
            isFlushed = true;
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            throw DiskFault.Of(path, e);
        }
    }

    /// <summary>Gives the file its name, once it is on the disk.</summary>
    /// <exception cref="IOException">It cannot be written; the message names the file and what to do.</exception>
    public void Commit()
    {
        Flush();
        try
        {
            stream.Dispose();
            File.Move(temporary, path, overwrite: true);
            isCommitted = true;
            SyncFolder(Path.GetDirectoryName(path)!);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            throw DiskFault.Of(path, e);
        }
    }

    /// <summary>Throws away what was not committed.</summary>
    public void Dispose()
    {
        if (isCommitted)
            return;
        try
        {
            stream.Dispose(); // writes what is buffered, which a full disk refuses: why it was not committed is told already
        }
        catch (IOException)
        {
        }
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            // It is in nobody's way: the next file of this name replaces it.
        }
    }

    /// <summary>Makes a rename survive a power loss. .NET opens no folders, and where there is no fsync a rename is as safe as
    /// it gets.</summary>
    public static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(folder, 0);
        if (descriptor < 0)
            throw new IOException($"{folder}: cannot be opened to sync it (errno {Marshal.GetLastPInvokeError()})");
        var result = FSync(descriptor);
        var error = Marshal.GetLastPInvokeError();
        _ = CloseDescriptor(descriptor);
        // Some network file systems cannot sync a folder and say EINVAL.
        if (result != 0 && error != 22)
            throw new IOException($"{folder}: cannot be synced (errno {error})");
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);
}
