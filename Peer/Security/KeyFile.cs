using System.Text;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Peer.Security;

/// <summary>A peer's secret key on its host's disk: PKCS #8 in PEM, mode 0600.</summary>
static class KeyFile
{
    const int BytesMax = 16 << 10;
    const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>The default path of a peer's key: ID.key beside peers.json.</summary>
    public static string PathFor(string peersFile, string id) =>
        Path.Combine(Path.GetDirectoryName(peersFile) ?? "", id + ".key");

    /// <summary>Reads the key of a peer, and compares it with its entry of the roster.</summary>
    /// <exception cref="KeyFileException">It is missing, others can read it, it is no key, or another peer's or an old
    /// one.</exception>
    public static PeerKeyPair Read(string file, RosterEntry entry)
    {
        var key = Read(file, entry.Id);
        if (key.Public.Equals(entry.Key))
            return key;
        var found = key.Public;
        key.Dispose();
        throw new KeyFileException(file,
            $"its public key is \"{found}\", and peers.json has \"{entry.Key}\" at peers[{entry.Index}] ({entry.Id}); "
            + "put the first one into peers.json on all hosts, or give the file of the second one with --key");
    }

    /// <summary>Reads the key of a peer that has no entry yet.</summary>
    /// <exception cref="KeyFileException">It is missing, others can read it, or it is no key.</exception>
    public static PeerKeyPair Read(string file, string id) =>
        PeerKeyPair.TryRead(ReadText(file, id), out var key, out var reason) ? key
            : throw new KeyFileException(file, $"{reason}; allowed is a file that 'peer keygen {id}' made");

    /// <summary>Writes a new key, to be on disk when it returns.</summary>
    /// <param name="file">Where.</param>
    /// <param name="key">The key.</param>
    /// <param name="replace">Whether a file that is there may be replaced.</param>
    /// <exception cref="KeyFileException">There is a file, or none can be made.</exception>
    public static void Write(string file, PeerKeyPair key, bool replace)
    {
        if (!replace && Path.Exists(file))
            throw new KeyFileException(file,
                "is there already; choose another file, or use --replace, which deletes the key in it");
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        // Of a name that nobody knows beforehand, so that it cannot be a link to somewhere else, and whole before it has its own.
        var temporary = Path.Combine(folder, $".{Path.GetFileName(file)}.{Guid.NewGuid():N}");
        try
        {
            try
            {
                using (var stream = new FileStream(temporary, NewFile()))
                {
                    stream.Write(Encoding.ASCII.GetBytes(key.ToPem()));
                    stream.Flush(flushToDisk: true);
                }
                File.Move(temporary, file, overwrite: replace);
                AtomicFile.SyncFolder(folder);
            }
            finally
            {
                File.Delete(temporary);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyFileException(file, $"cannot be written: {DiskFault.Reason(e)}", e);
        }
    }

    static FileStreamOptions NewFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Owner;
        return options;
    }

    static string ReadText(string file, string id)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            // Of the open file: its name may be another file's by now.
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(stream.SafeFileHandle) & Others) is not 0 and var mode)
                throw new KeyFileException(file,
                    $"others can use this secret key ({Text(mode)}); run chmod 600 {file}, and if somebody may have read it, "
                    + $"'peer keygen {id} --replace'");
            if (stream.Length > BytesMax)
                throw new KeyFileException(file, $"{stream.Length} bytes; allowed is a file that 'peer keygen {id}' made");
            using var reader = new StreamReader(stream, Encoding.ASCII);
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new KeyFileException(file,
                $"is not there; needed is the secret key of {id}: make one with 'peer keygen {id}', or say where it is "
                    + "with --key", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyFileException(file, $"cannot be read: {e.Message}", e);
        }
    }

    static string Text(UnixFileMode mode) => string.Join(", ", mode.ToString().Split(", ").Select(name => name switch
    {
        "GroupRead" => "its group may read",
        "GroupWrite" => "its group may write",
        "OtherRead" => "all may read",
        "OtherWrite" => "all may write",
        _ => name,
    }));
}
