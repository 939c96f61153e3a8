using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Topology.Commit;
using static DecentralizedLion.Peer.Tests.Journal.Records;

namespace DecentralizedLion.Peer.Tests.Journal;

public sealed class StepJournalTests : IDisposable
{
    /// <summary>Bytes of a file before its first record.</summary>
    const int Header = 56;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_appended_is_there_again()
    {
        var written = Write(Chain(5));
        using var journal = Open();
        Assert.Empty(journal.Repairs);
        Assert.Equal((0L, 5L), (journal.First, journal.Last));
        Assert.Equal(Start, journal.ChainAt(0));
        foreach (var record in written)
            AssertSame(record, journal.Read(record.Step));
        Assert.All(written, record => Assert.Equal(record.Digest, journal.ChainAt(record.Step)));
        Assert.Null(journal.Read(0));
        Assert.Null(journal.Read(6));
        Assert.Throws<ArgumentOutOfRangeException>(() => journal.ChainAt(6));
        Assert.Throws<ArgumentOutOfRangeException>(() => journal.ChainAt(-1));
    }

    [Fact]
    public void An_empty_folder_is_the_beginning()
    {
        using var journal = Open();
        Assert.Equal((0L, 0L, default(ChainDigest)), (journal.First, journal.Last, journal.ChainAt(0)));
        Assert.Null(journal.Read(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => journal.ChainAt(1));
        Assert.Empty(Names());
        journal.Append(After(0, default));
        Assert.Equal((0L, 1L), (journal.First, journal.Last));
    }

    [Fact]
    public void Only_the_next_step_can_be_appended()
    {
        var records = Chain(3);
        using var journal = Open();
        journal.Restart(0, Start);
        journal.Append(records[0]);
        Assert.Contains("of step 3; expected 2", Assert.Throws<ArgumentException>(() => journal.Append(records[2])).Message);
        Assert.Throws<ArgumentException>(() => journal.Append(records[0]));
    }

    [Fact]
    public void A_last_record_torn_at_any_byte_is_cut_off()
    {
        var written = Write(Chain(3));
        var file = Directory.GetFiles(folder.Path).Single();
        var whole = File.ReadAllBytes(file);
        var ends = Ends(whole);
        for (var length = ends[1] + 1; length < whole.Length; length++)
        {
            File.WriteAllBytes(file, whole[..length]);
            using (var journal = Open())
            {
                Assert.Equal($"{file}: torn or damaged behind step 2; it was cut off at byte {ends[1]}, after the last good record",
                    Assert.Single(journal.Repairs));
                Assert.Equal(2, journal.Last);
                journal.Append(written[2]);
            }
            Assert.Equal(whole, File.ReadAllBytes(file));
        }
    }

    [Fact]
    public void A_torn_header_leaves_the_files_before_it()
    {
        var written = Write(Chain(4), checkpoints: [2]);
        var newest = Path.Combine(folder.Path, "journal-00000002.log");
        var whole = File.ReadAllBytes(newest);
        var older = File.ReadAllBytes(Path.Combine(folder.Path, "journal-00000000.log"));
        for (var length = 0; length < Header; length++)
        {
            File.WriteAllBytes(newest, whole[..length]);
            using (var journal = Open())
            {
                Assert.Equal($"{newest}: its header is torn or damaged; it was deleted", Assert.Single(journal.Repairs));
                Assert.Equal(2, journal.Last);
            }
            Assert.Equal(["journal-00000000.log"], Names());
        }
        Assert.Equal(written[1].Digest, Reopened().Chain);
        Assert.Equal(older, File.ReadAllBytes(Path.Combine(folder.Path, "journal-00000000.log")));
    }

    [Fact]
    public void A_flipped_bit_anywhere_ends_the_journal_before_it()
    {
        Write(Chain(3));
        var file = Directory.GetFiles(folder.Path).Single();
        var whole = File.ReadAllBytes(file);
        for (var at = Header; at < whole.Length; at += 7)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 16;
            File.WriteAllBytes(file, damaged);
            var (_, last, _, repairs) = Reopened();
            Assert.Equal(Ends(whole).Count(end => end <= at), last);
            Assert.Contains("torn or damaged behind step", Assert.Single(repairs));
            Assert.Empty(Reopened().Repairs); // cut once, and nothing is wrong any more
        }
    }

    [Fact]
    public void What_does_not_lead_to_the_newest_records_is_dropped()
    {
        var written = Write(Chain(6), checkpoints: [2, 4], keep: true);
        var middle = Path.Combine(folder.Path, "journal-00000002.log");
        var damaged = File.ReadAllBytes(middle);
        damaged[^1] ^= 1;
        File.WriteAllBytes(middle, damaged);
        using var journal = Open();
        Assert.Equal((4L, 6L), (journal.First, journal.Last));
        Assert.Equal(written[3].Digest, journal.ChainAt(4));
        AssertSame(written[4], journal.Read(5));
        Assert.Equal(["journal-00000004.log"], Names());
        Assert.Equal($"{middle}: its records end at step 3 and do not lead to those after step 4; it was deleted", journal.Repairs[0]);
        Assert.Equal(2, journal.Repairs.Count);
    }

    [Fact]
    public void A_file_of_another_chain_is_dropped()
    {
        Write(Chain(2, salt: 1));
        var records = Chain(3);
        var path = Path.Combine(folder.Path, "journal-00000002.log");
        using (var elsewhere = new TemporaryFolder())
        {
            using (var other = StepJournal.Open(elsewhere.Path, Parameters, TimeProvider.System, null))
            {
                other.Restart(2, records[1].Digest);
                other.Append(records[2]);
            }
            File.Copy(elsewhere.File("journal-00000002.log"), path);
        }
        using var journal = Open();
        Assert.Equal((2L, 3L, records[2].Digest), (journal.First, journal.Last, journal.ChainAt(3)));
        Assert.Contains("do not lead to those after step 2", Assert.Single(journal.Repairs));
    }

    [Fact]
    public void A_record_that_does_not_follow_is_not_taken()
    {
        var records = Chain(2);
        using (var journal = Open())
        {
            journal.Restart(0, Start);
            journal.Append(records[0]);
            journal.Append(After(1, ChainDigest.Of([9])));
        }
        Assert.Equal((0L, 1L, records[0].Digest), (Reopened().First, Reopened().Last, Reopened().Chain));
    }

    [Fact]
    public void A_record_of_another_model_is_not_read()
    {
        Write(Chain(1));
        using var journal = StepJournal.Open(folder.Path, Parameters + 64, TimeProvider.System, null);
        Assert.Equal(0, journal.Last);
        Assert.Single(journal.Repairs);
    }

    [Fact]
    public void Two_checkpoint_intervals_are_kept()
    {
        var written = Write(Chain(45), checkpoints: [10, 20, 30, 40]);
        Assert.Equal(["journal-00000030.log", "journal-00000040.log"], Names());
        using (var journal = Open())
        {
            Assert.Equal((30L, 45L), (journal.First, journal.Last));
            Assert.Null(journal.Read(30));
            foreach (var record in written[30..])
                AssertSame(record, journal.Read(record.Step));
        }
        StepJournal.Clear(folder.Path);
        Assert.Empty(Names());
    }

    [Fact]
    public void The_ring_may_be_beyond_the_checkpoint()
    {
        var records = Chain(9);
        using var journal = Open();
        journal.Restart(0, Start);
        foreach (var record in records[..7])
            journal.Append(record);
        journal.Checkpointed(oldest: 5); // of step 5, while the ring holds 7
        Assert.Equal(["journal-00000000.log", "journal-00000007.log"], Names());
        journal.Append(records[7]);
        journal.Checkpointed(oldest: 5);
        journal.Checkpointed(oldest: 5); // with nothing new, no new file
        Assert.Equal(["journal-00000000.log", "journal-00000007.log", "journal-00000008.log"], Names());
        journal.Append(records[8]);
        for (var step = 1; step <= 9; step++)
            AssertSame(records[step - 1], journal.Read(step));
        journal.Checkpointed(oldest: 8);
        Assert.Equal((8L, 9L), (journal.First, journal.Last));
        Assert.Null(journal.Read(8));
        Assert.Equal(records[7].Digest, journal.ChainAt(8));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(6)]
    [InlineData(5)]
    [InlineData(4)]
    [InlineData(3)]
    [InlineData(0)]
    public void A_cut_forgets_what_follows(long step)
    {
        var written = Write(Chain(6), checkpoints: [2, 4], keep: true);
        var kept = Math.Min(step, 6);
        var other = After(kept, kept == 0 ? Start : written[(int)kept - 1].Digest, salt: 3);
        using (var journal = Open())
        {
            journal.CutAfter(step);
            Assert.Equal((0L, kept), (journal.First, journal.Last));
            Assert.Null(journal.Read(kept + 1));
            journal.Append(other);
            AssertSame(other, journal.Read(kept + 1));
        }
        using var again = Open();
        Assert.Empty(again.Repairs);
        Assert.Equal((kept + 1, other.Digest), (again.Last, again.ChainAt(kept + 1)));
        for (var at = 1; at <= kept; at++)
            AssertSame(written[at - 1], again.Read(at));
    }

    [Fact]
    public void What_is_not_kept_cannot_be_cut()
    {
        Write(Chain(45), checkpoints: [10, 20, 30, 40]);
        using var journal = Open();
        Assert.Throws<ArgumentOutOfRangeException>(() => journal.CutAfter(29));
        Assert.Equal(45, journal.Last);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(100)]
    public void A_restart_forgets_all_and_is_on_the_disk_at_once(long step)
    {
        Write(Chain(6), checkpoints: [2, 4], keep: true);
        var chain = ChainDigest.Of([4]);
        using (var journal = Open())
        {
            journal.Restart(step, chain);
            Assert.Equal([$"journal-{step:D8}.log"], Names());
            Assert.Equal(Header, new FileInfo(Directory.GetFiles(folder.Path).Single()).Length);
            Assert.Equal((step, step, chain), (journal.First, journal.Last, journal.ChainAt(step)));
            journal.Append(After(step, chain));
        }
        Assert.Equal((step, step + 1, After(step, chain).Digest), (Reopened().First, Reopened().Last, Reopened().Chain));
    }

    [Fact]
    public async Task Reading_goes_beside_appending_cutting_and_deleting()
    {
        var records = Chain(400);
        using var journal = Open();
        journal.Restart(0, Start);
        var wrong = 0;
        using var done = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            var random = new Random(1);
            var reads = 0;
            while (!done.IsCancellationRequested || reads == 0)
            {
                var step = random.Next(1, 401);
                if (journal.Read(step) is { } read)
                {
                    reads++;
                    wrong += read.Digest == records[step - 1].Digest && read.Signs.AsSpan().SequenceEqual(records[step - 1].Signs) ? 0 : 1;
                }
            }
            return reads;
        });
        foreach (var record in records)
        {
            journal.Append(record);
            if (record.Step % 50 == 0)
                journal.Checkpointed(record.Step - 50);
            if (record.Step % 70 == 0)
            {
                journal.CutAfter(record.Step - 1);
                journal.Append(record);
            }
        }
        await done.CancelAsync();
        Assert.True(await reader > 0);
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void A_journal_that_ends_before_the_checkpoint_begins_anew_there()
    {
        var records = Chain(6);
        Write(records[..3]);
        using var journal = StepJournal.Open(folder.Path, Parameters, TimeProvider.System, (5, records[4].Digest));
        Assert.Equal((5L, 5L, records[4].Digest), (journal.First, journal.Last, journal.ChainAt(5)));
        Assert.Equal($"{folder.Path}: the journal ends at step 3, before the checkpoint; it begins anew after step 5", Assert.Single(journal.Repairs));
        journal.Append(records[5]);
    }

    [Fact]
    public void A_lost_journal_begins_at_the_checkpoint_without_a_word()
    {
        using var journal = StepJournal.Open(folder.Path, Parameters, TimeProvider.System, (5, Start));
        Assert.Equal((5L, 5L, Start), (journal.First, journal.Last, journal.ChainAt(5)));
        Assert.Empty(journal.Repairs);
    }

    [Fact]
    public void A_journal_of_another_chain_than_the_checkpoint_begins_anew()
    {
        var records = Chain(6);
        Write(records);
        using var journal = StepJournal.Open(folder.Path, Parameters, TimeProvider.System, (5, ChainDigest.Of([5])));
        Assert.Equal((5L, 5L, ChainDigest.Of([5])), (journal.First, journal.Last, journal.ChainAt(5)));
        Assert.Contains("is of another chain than the checkpoint", Assert.Single(journal.Repairs));
    }

    [Theory]
    [InlineData(0)] // whose chain is not known yet when its checkpoint is written
    [InlineData(4)]
    public void A_journal_that_goes_on_from_the_checkpoint_stays(int step)
    {
        var records = Write(Chain(6));
        using var journal = StepJournal.Open(folder.Path, Parameters, TimeProvider.System, (step, step == 0 ? default : records[step - 1].Digest));
        Assert.Empty(journal.Repairs);
        Assert.Equal((0L, 6L), (journal.First, journal.Last));
    }

    /// <summary>Its records are held, and others may need them.</summary>
    [Fact]
    public void A_journal_that_begins_after_the_checkpoint_stays()
    {
        Write(Chain(45), checkpoints: [10, 20, 30, 40]);
        using var journal = StepJournal.Open(folder.Path, Parameters, TimeProvider.System, (20, Start));
        Assert.Equal((30L, 45L), (journal.First, journal.Last));
        Assert.Empty(journal.Repairs);
    }

    string[] Names() => [.. Directory.GetFiles(folder.Path).Select(f => Path.GetFileName(f)!).Order()];

    StepJournal Open() => StepJournal.Open(folder.Path, Parameters, TimeProvider.System, null);

    (long First, long Last, ChainDigest Chain, IReadOnlyList<string> Repairs) Reopened()
    {
        using var journal = Open();
        return (journal.First, journal.Last, journal.ChainAt(journal.Last), journal.Repairs);
    }

    /// <summary>Writes records from step 1 on, with checkpoints after some steps.</summary>
    StepRecord[] Write(StepRecord[] records, int[]? checkpoints = null, bool keep = false)
    {
        using var journal = Open();
        journal.Restart(0, Start);
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

    /// <summary>Where each record of a file ends, by the lengths in it.</summary>
    static List<int> Ends(byte[] file)
    {
        var ends = new List<int>();
        for (var at = Header; at < file.Length;)
        {
            at += 8 + BitConverter.ToInt32(file, at);
            ends.Add(at);
        }
        return ends;
    }

    static void AssertSame(StepRecord expected, StepRecord? found)
    {
        Assert.NotNull(found);
        Assert.Equal((expected.Step, expected.View, expected.Lineage, expected.Members, expected.Voters, expected.Digest),
            (found.Step, found.View, found.Lineage, found.Members, found.Voters, found.Digest));
        Assert.Equal(expected.Signs, found.Signs);
        Assert.Equal(expected.Zeros, found.Zeros);
        Assert.Equal(expected.LossBits, found.LossBits);
    }
}
