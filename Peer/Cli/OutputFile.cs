using DecentralizedLion.Peer.Checkpoints;

namespace DecentralizedLion.Peer.Cli;

/// <summary>Files that a command writes where the user says.</summary>
static class OutputFile
{
    /// <summary>Refuses a file that is there, unless it may be replaced, and a folder.</summary>
    /// <param name="option">The option that names it.</param>
    /// <param name="path">The file; null: none is to be written.</param>
    /// <param name="force">True when it may be replaced.</param>
    /// <exception cref="UsageException">It must not be written.</exception>
    public static void Check(string option, string? path, bool force)
    {
        if (Directory.Exists(path))
            throw new UsageException($"{option}: {path} is a folder; allowed is a file");
        if (!force && File.Exists(path))
            throw new UsageException($"{option}: {path} is there already; --force replaces it");
    }

    /// <summary>Has a file written beside the place it is for, and puts it there when it is whole and on the disk.</summary>
    public static void Write(string path, Action<string> write)
    {
        path = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(path)!;
        var temporary = path + ".part";
        try
        {
            Directory.CreateDirectory(folder);
            write(temporary);
            using (var stream = new FileStream(temporary, FileMode.Open, FileAccess.ReadWrite))
                stream.Flush(flushToDisk: true);
            File.Move(temporary, path, overwrite: true);
            AtomicFile.SyncFolder(folder);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            throw DiskFault.Of(path, e);
        }
        finally
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
        }
    }
}
