namespace DecentralizedLion.Peer.Metrics;

/// <summary>The metrics files of a run, also while it is being run.</summary>
static class MetricsFolder
{
    public const string FileName = "metrics.jsonl";

    /// <summary>All events of all files below a folder, each with the id of the peer that told it; file by file.</summary>
    /// <exception cref="MetricsException">There is none.</exception>
    public static IEnumerable<(string Peer, PeerEvent Event)> Read(string folder) =>
        RequireAny(folder).Select(file => (File: file, Peer: PeerOf(file)))
            .SelectMany(f => Events(f.File).Select(happened => (f.Peer, happened)));

    /// <summary>The metrics files below a folder.</summary>
    /// <exception cref="MetricsException">There is none.</exception>
    public static IReadOnlyList<string> RequireAny(string folder)
    {
        string[] files = Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, FileName, SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : [];
        return files.Length > 0 ? files : throw new MetricsException(
            $"{folder}: there is no {FileName} below it; allowed is the folder of a run, such as runs/demo, or of a peer");
    }

    /// <summary>Whose it is, as the file says; a run that never started has its folder's name.</summary>
    static string PeerOf(string file) => Events(file).OfType<Started>().FirstOrDefault()?.Peer
        ?? Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file))!);

    static IEnumerable<PeerEvent> Events(string file)
    {
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        foreach (var line in BoundedLines.Of(reader))
            if (EventLine.TryRead(line) is { } happened)
                yield return happened;
    }
}
