using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Topology.Commit;
using static DecentralizedLion.Peer.Tests.Journal.Records;

namespace DecentralizedLion.Peer.Tests.Journal;

/// <summary>A folder with a journal in it.</summary>
sealed class JournalFixture : IDisposable
{
    /// <summary>Bytes of a file before its first record.</summary>
    public const int Header = 56;

    readonly TemporaryFolder folder = new();

    public string Path => folder.Path;

    public string File(string name) => folder.File(name);

    public void Dispose() => folder.Dispose();

    public string[] Names() => [.. Directory.GetFiles(Path).Select(f => System.IO.Path.GetFileName(f)!).Order()];

    public StepJournal Open((long Step, Digest Chain)? checkpoint = null) =>
        StepJournal.Open(Path, Parameters, TimeProvider.System, checkpoint);

    public (long First, long Last, Digest Chain, IReadOnlyList<string> Repairs) Reopened()
    {
        using var journal = Open();
        return (journal.BaseStep, journal.LastStep, journal.DigestAfter(journal.LastStep), journal.Repairs);
    }

    /// <summary>Writes records from step 1 on, with checkpoints after some steps.</summary>
    public StepRecord[] Write(StepRecord[] records, int[]? checkpoints = null, bool keep = false)
    {
        using var journal = Open();
        journal.ResetTo(0, Start);
        var oldest = 0;
        foreach (var record in records)
        {
            journal.Append(record);
            if (checkpoints?.Contains((int)record.Step) != true)
                continue;
            journal.Checkpointed(keep ? 0 : oldest);
            oldest = (int)record.Step;
        }
        return records;
    }

    /// <summary>The ends of a file's records, by the lengths in it.</summary>
    public static List<int> Ends(byte[] file)
    {
        var ends = new List<int>();
        for (var at = Header; at < file.Length;)
        {
            at += 8 + BitConverter.ToInt32(file, at);
            ends.Add(at);
        }
        return ends;
    }

    public static void AssertSame(StepRecord expected, StepRecord? found)
    {
        Assert.NotNull(found);
        Assert.Equal((expected.Step, expected.View, expected.RunId, expected.Members, expected.Voters, expected.Digest),
            (found.Step, found.View, found.RunId, found.Members, found.Voters, found.Digest));
        Assert.Equal(expected.Signs, found.Signs);
        Assert.Equal(expected.Zeros, found.Zeros);
        Assert.Equal(expected.LossBits, found.LossBits);
    }
}
