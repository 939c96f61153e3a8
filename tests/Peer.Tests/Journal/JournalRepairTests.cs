using System.Buffers.Binary;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Peer.Journal;
using static DecentralizedLion.Peer.Tests.Journal.JournalFixture;
using static DecentralizedLion.Peer.Tests.Journal.Records;

namespace DecentralizedLion.Peer.Tests.Journal;

/// <summary>Tests of the repair of a journal after a crash, a bad disk or a person's edits.</summary>
public sealed class JournalRepairTests : IDisposable
{
    readonly JournalFixture folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_last_record_torn_at_any_byte_is_cut_off()
    {
        var written = folder.Write(Chain(3));
        var file = Directory.GetFiles(folder.Path).Single();
        var whole = File.ReadAllBytes(file);
        var ends = Ends(whole);
        for (var length = ends[1] + 1; length < whole.Length; length++)
        {
            File.WriteAllBytes(file, whole[..length]);
            using (var journal = folder.Open())
            {
                Assert.Equal($"{file}: torn or damaged behind step 2; it was cut off at byte {ends[1]}, after the last "
                    + "good record",
                    Assert.Single(journal.Repairs));
                Assert.Equal(2, journal.LastStep);
                journal.Append(written[2]);
            }
            Assert.Equal(whole, File.ReadAllBytes(file));
        }
    }

    [Fact]
    public void A_torn_header_leaves_the_files_before_it()
    {
        var written = folder.Write(Chain(4), checkpoints: [2]);
        var newest = folder.File("journal-00000002.log");
        var whole = File.ReadAllBytes(newest);
        var older = File.ReadAllBytes(folder.File("journal-00000000.log"));
        for (var length = 0; length < Header; length++)
        {
            File.WriteAllBytes(newest, whole[..length]);
            using (var journal = folder.Open())
            {
                Assert.Equal($"{newest}: its header is torn or damaged; it was deleted", Assert.Single(journal.Repairs));
                Assert.Equal(2, journal.LastStep);
            }
            Assert.Equal(["journal-00000000.log"], folder.Names());
        }
        Assert.Equal(written[1].Digest, folder.Reopened().Chain);
        Assert.Equal(older, File.ReadAllBytes(folder.File("journal-00000000.log")));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void A_header_with_a_step_that_no_run_has_is_none(long step)
    {
        folder.Write(Chain(1));
        var file = Directory.GetFiles(folder.Path).Single();
        var bytes = File.ReadAllBytes(file);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(12), step);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Header - 4), Crc32C.Of(bytes.AsSpan(0, Header - 4)));
        File.WriteAllBytes(file, bytes);
        using var journal = folder.Open();
        Assert.Equal($"{file}: its header is torn or damaged; it was deleted", Assert.Single(journal.Repairs));
        Assert.Equal((0L, 0L), (journal.BaseStep, journal.LastStep));
    }

    [Fact]
    public void A_flipped_bit_anywhere_ends_the_journal_before_it()
    {
        folder.Write(Chain(3));
        var file = Directory.GetFiles(folder.Path).Single();
        var whole = File.ReadAllBytes(file);
        for (var at = Header; at < whole.Length; at += 7)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 16;
            File.WriteAllBytes(file, damaged);
            var (_, last, _, repairs) = folder.Reopened();
            Assert.Equal(Ends(whole).Count(end => end <= at), last);
            Assert.Contains("torn or damaged behind step", Assert.Single(repairs));
            Assert.Empty(folder.Reopened().Repairs); // cut once, and nothing is wrong any more
        }
    }

    [Fact]
    public void What_does_not_lead_to_the_newest_records_is_dropped()
    {
        var written = folder.Write(Chain(6), checkpoints: [2, 4], keep: true);
        var middle = folder.File("journal-00000002.log");
        var damaged = File.ReadAllBytes(middle);
        damaged[^1] ^= 1;
        File.WriteAllBytes(middle, damaged);
        using var journal = folder.Open();
        Assert.Equal((4L, 6L), (journal.BaseStep, journal.LastStep));
        Assert.Equal(written[3].Digest, journal.DigestAfter(4));
        AssertSame(written[4], journal.Read(5));
        Assert.Equal(["journal-00000004.log"], folder.Names());
        Assert.Equal($"{middle}: its records end at step 3 and do not lead to those after step 4; it was deleted",
            journal.Repairs[0]);
        Assert.Equal(2, journal.Repairs.Count);
    }

    [Fact]
    public void A_file_of_another_chain_is_dropped()
    {
        folder.Write(Chain(2, salt: 1));
        var records = Chain(3);
        var path = folder.File("journal-00000002.log");
        using (var elsewhere = new TemporaryFolder())
        {
            using (var other = StepJournal.Open(elsewhere.Path, Parameters, TimeProvider.System, null))
            {
                other.ResetTo(2, records[1].Digest);
                other.Append(records[2]);
            }
            File.Copy(elsewhere.File("journal-00000002.log"), path);
        }
        using var journal = folder.Open();
        Assert.Equal((2L, 3L, records[2].Digest), (journal.BaseStep, journal.LastStep, journal.DigestAfter(3)));
        Assert.Contains("do not lead to those after step 2", Assert.Single(journal.Repairs));
    }

    [Fact]
    public void A_record_that_does_not_follow_is_not_taken()
    {
        var records = Chain(2);
        using (var journal = folder.Open())
        {
            journal.ResetTo(0, Start);
            journal.Append(records[0]);
            journal.Append(After(1, Digest.Of([9])));
        }
        Assert.Equal((0L, 1L, records[0].Digest), (folder.Reopened().First, folder.Reopened().Last, folder.Reopened().Chain));
    }

    [Fact]
    public void A_record_of_another_model_is_not_read()
    {
        folder.Write(Chain(1));
        using var journal = StepJournal.Open(folder.Path, Parameters + 64, TimeProvider.System, null);
        Assert.Equal(0, journal.LastStep);
        Assert.Single(journal.Repairs);
    }

    [Fact]
    public void A_journal_that_ends_before_the_checkpoint_begins_anew_there()
    {
        var records = Chain(6);
        folder.Write(records[..3]);
        using var journal = folder.Open((5, records[4].Digest));
        Assert.Equal((5L, 5L, records[4].Digest), (journal.BaseStep, journal.LastStep, journal.DigestAfter(5)));
        Assert.Equal($"{folder.Path}: the journal ends at step 3, before the checkpoint; it begins anew after step 5",
            Assert.Single(journal.Repairs));
        journal.Append(records[5]);
    }

    [Fact]
    public void A_lost_journal_begins_at_the_checkpoint_without_a_word()
    {
        using var journal = folder.Open((5, Start));
        Assert.Equal((5L, 5L, Start), (journal.BaseStep, journal.LastStep, journal.DigestAfter(5)));
        Assert.Empty(journal.Repairs);
    }

    [Fact]
    public void A_journal_of_another_chain_than_the_checkpoint_begins_anew()
    {
        var records = Chain(6);
        folder.Write(records);
        using var journal = folder.Open((5, Digest.Of([5])));
        Assert.Equal((5L, 5L, Digest.Of([5])), (journal.BaseStep, journal.LastStep, journal.DigestAfter(5)));
        Assert.Contains("is of another chain than the checkpoint", Assert.Single(journal.Repairs));
    }

    [Theory]
    [InlineData(0)] // whose chain is not known yet when its checkpoint is written
    [InlineData(4)]
    public void A_journal_that_goes_on_from_the_checkpoint_stays(int step)
    {
        var records = folder.Write(Chain(6));
        using var journal = folder.Open((step, step == 0 ? default : records[step - 1].Digest));
        Assert.Empty(journal.Repairs);
        Assert.Equal((0L, 6L), (journal.BaseStep, journal.LastStep));
    }

    /// <summary>Its records are held, and others may need them.</summary>
    [Fact]
    public void A_journal_that_begins_after_the_checkpoint_stays()
    {
        folder.Write(Chain(45), checkpoints: [10, 20, 30, 40]);
        using var journal = folder.Open((20, Start));
        Assert.Equal((30L, 45L), (journal.BaseStep, journal.LastStep));
        Assert.Empty(journal.Repairs);
    }
}
