namespace DecentralizedLion.Topology.Configuration;

/// <summary>A settings file says something that is not allowed. The message names the file, the field, what was found and what
/// is allowed.</summary>
public sealed class SettingsException : Exception
{
    /// <summary>An error at one field.</summary>
    /// <param name="source">The file (or other origin) of the settings.</param>
    /// <param name="path">The field's path inside it, such as <c>peers[2].port</c>; empty for the file as a whole.</param>
    /// <param name="problem">What was found and what is allowed.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public SettingsException(string source, string path, string problem, Exception? inner = null)
        : base(path.Length == 0 ? $"{source}: {problem}" : $"{source}: {path}: {problem}", inner)
    {
        Path = path;
        Problem = problem;
    }

    /// <summary>The field's path, such as <c>peers[2].port</c>; empty for the file as a whole.</summary>
    public string Path { get; }

    /// <summary>The value that was found and what is allowed, without file and path.</summary>
    public string Problem { get; }
}
