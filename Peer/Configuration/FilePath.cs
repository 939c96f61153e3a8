using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Configuration;

/// <summary>A path in peers.json, relative to the folder of that file.</summary>
static class FilePath
{
    /// <summary>The full path that a field gives.</summary>
    /// <param name="section">The object with the field.</param>
    /// <param name="name">The field, which must be there.</param>
    /// <param name="folder">The folder of peers.json.</param>
    public static string Read(SettingsReader section, string name, string folder)
    {
        var written = section.Text(name);
        return written.Contains('\0')
            ? throw section.Error(name, "found a text with a zero character in it; allowed is the path of a file or folder")
            : Path.GetFullPath(written, Path.GetFullPath(folder));
    }
}
