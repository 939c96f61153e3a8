using System.Runtime.InteropServices;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>
/// A file that appears under its name only when it is whole and on disk: written beside it, flushed, renamed, and the folder
/// synced, so that a crash at any moment leaves the old file or the new one.
/// </summary>
public sealed partial class AtomicFile : IDisposable
{
    private readonly string _path;
    private readonly string _temporary;
    private readonly FileStream _stream;
    private bool _closed;

    public AtomicFile(string path)
    {
        _path = Path.GetFullPath(path);
        _temporary = _path + ".part";
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        _stream = new FileStream(_temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
    }

    public long Length => _stream.Length;

    public void Write(ReadOnlySpan<byte> bytes) => _stream.Write(bytes);

    /// <summary>Gives the file its name.</summary>
    public void Commit()
    {
        _stream.Flush(flushToDisk: true);
        Close();
        File.Move(_temporary, _path, overwrite: true);
        SyncFolder(Path.GetDirectoryName(_path)!);
    }

    /// <summary>Throws away what was not committed.</summary>
    public void Dispose()
    {
        if (_closed)
            return;
        Close();
        File.Delete(_temporary);
    }

    private void Close()
    {
        _closed = true;
        _stream.Dispose();
    }

    /// <summary>Makes a rename survive a power loss. .NET opens no folders, and where there is no fsync a rename is as safe as
    /// it gets.</summary>
    private static void SyncFolder(string folder)
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
