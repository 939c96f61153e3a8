using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Peer.Cli.Init;

/// <summary>All peers' keys in one folder, from where they are handed out.</summary>
static class InitKeys
{
    /// <summary>Makes the keys that are not there yet.</summary>
    /// <param name="folder">The folder; it is made for the owner alone.</param>
    /// <param name="ids">Whose keys.</param>
    /// <returns>The public halves, in the order of the ids.</returns>
    /// <exception cref="KeyFileException">A file that is there is no key, or others may read it; or none can be made.</exception>
    public static IReadOnlyList<string> Make(string folder, IReadOnlyList<string> ids)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--keys: found \"{folder}\", which cannot be made: {DiskFault.Reason(e)}");
        }
        return [.. ids.Select(id =>
        {
            var file = FileOf(folder, id);
            if (Path.Exists(file))
            {
                using var old = KeyFile.Read(file, id);
                return old.Public.ToString();
            }
            using var key = PeerKeyPair.Create();
            KeyFile.Write(file, key, replace: false);
            return key.Public.ToString();
        })];
    }

    /// <summary>A peer's file in the folder.</summary>
    public static string FileOf(string folder, string id) => Path.Combine(folder, id + ".key");
}
