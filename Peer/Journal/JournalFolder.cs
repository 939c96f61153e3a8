using System.Globalization;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Peer.Checkpoints;

namespace DecentralizedLion.Peer.Journal;

/// <summary>The journal's files in a peer's folder, each named for the step that its records follow.</summary>
sealed class JournalFolder(string folder)
{
    const string Prefix = "journal-", Suffix = ".log";

    /// <summary>True when there is no record in it, and not a part of one either.</summary>
    public bool IsEmpty => Paths().All(path => new FileInfo(path).Length <= JournalFile.Header);

    /// <summary>The path of the file whose records follow a step.</summary>
    public string PathOf(long step) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:D8}{Suffix}"));

    /// <summary>Syncs the names of the files.</summary>
    public void Sync() => AtomicFile.SyncFolder(folder);

    /// <summary>Deletes all files of the journal, and nothing else that may be in the folder.</summary>
    public void Clear()
    {
        foreach (var path in Paths())
            File.Delete(path);
    }

    /// <summary>Opens the files that lead to the newest records, oldest first, and deletes all others.</summary>
    /// <param name="bucketsOf">What a step carries; a record of something else is not good.</param>
    /// <param name="checkpoint">The step of the newest checkpoint.</param>
    /// <param name="repairs">Takes a sentence about each file that is deleted or cut off.</param>
    public List<JournalFile> OpenConnected(Func<long, IReadOnlyList<Bucket>> bucketsOf, long checkpoint, List<string> repairs)
    {
        var chain = new List<JournalFile>();
        foreach (var path in Paths())
        {
            var file = JournalFile.Open(path, bucketsOf, checkpoint);
            if (file is null)
            {
                repairs.Add($"{path}: its header is torn or damaged; it was deleted");
                File.Delete(path);
            }
            else if (chain.Count > 0 && (file.Last != chain[0].First || file.DigestAfter(file.Last) != chain[0].Base))
            {
                repairs.Add($"{path}: its records end at step {file.Last} and do not lead to those after step {chain[0].First}; "
                    + "it was deleted");
                file.Delete();
            }
            else
            {
                if (file.HasMore)
                {
                    repairs.Add($"{path}: torn or damaged behind step {file.Last}; it was cut off at byte {file.End}, "
                        + "after the last good record");
                    file.TruncateAfter(file.Last);
                }
                chain.Insert(0, file);
            }
        }
        return chain;
    }

    /// <summary>The files, newest first.</summary>
    List<string> Paths()
    {
        var files = new List<(long First, string Path)>();
        if (Directory.Exists(folder))
            foreach (var path in Directory.EnumerateFiles(folder, Prefix + "*" + Suffix))
                if (long.TryParse(Path.GetFileName(path)[Prefix.Length..^Suffix.Length], NumberStyles.None,
                    CultureInfo.InvariantCulture, out var first))
                    files.Add((first, path));
        return [.. files.OrderByDescending(file => file.First).Select(file => file.Path)];
    }
}
