using System.Security;

namespace DecentralizedLion.Models.Datasets;

/// <summary>Opening files so that whatever is wrong with one is said with its full path.</summary>
static class DataFile
{
    /// <summary>The full path of a folder that must exist.</summary>
    public static string Folder(string path, string content)
    {
        var full = FullPath(path, content);
        if (File.Exists(full))
            throw new DataException($"{full} is a file; expected a folder with {content}");
        if (!Directory.Exists(full))
            throw new DataException($"{full} does not exist; expected a folder with {content}");
        return full;
    }

    /// <summary>The full path of a setting, which must not be empty.</summary>
    public static string FullPath(string path, string content)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0'))
            throw new DataException($"data.path is '{path.Replace("\0", "\\0")}'; expected the path of {content}");
        return Path.GetFullPath(path);
    }

    /// <summary>The length of a file that must exist.</summary>
    public static long Length(string path, string content)
    {
        if (Directory.Exists(path))
            throw new DataException($"{path} is a folder; expected {content}");
        var info = new FileInfo(path);
        if (!info.Exists)
            throw new DataException($"{path} does not exist; expected {content}");
        return info.Length;
    }

    /// <summary>Runs what touches a file; the system's own complaints become a <see cref="DataException"/>.</summary>
    public static T Guard<T>(string path, Func<T> access)
    {
        try
        {
            return access();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException or InvalidDataException)
        {
            throw new DataException($"{path} cannot be read: {e.Message}", e);
        }
    }
}
