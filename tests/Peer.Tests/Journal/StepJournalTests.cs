using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Peer.Journal;
using static DecentralizedLion.Peer.Tests.Journal.JournalFixture;
using static DecentralizedLion.Peer.Tests.Journal.Records;

namespace DecentralizedLion.Peer.Tests.Journal;

public sealed class StepJournalTests : IDisposable
{
    readonly JournalFixture folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_appended_is_there_again()
    {
        var written = folder.Write(Chain(5));
        using var journal = folder.Open();
        Assert.Empty(journal.Repairs);
        Assert.Equal((0L, 5L), (journal.BaseStep, journal.LastStep));
        Assert.Equal(Start, journal.DigestAfter(0));
        foreach (var record in written)
            AssertSame(record, journal.Read(record.Step));
        Assert.All(written, record => Assert.Equal(record.Digest, journal.DigestAfter(record.Step)));
        Assert.Null(journal.Read(0));
        Assert.Null(journal.Read(6));
        Assert.Throws<ArgumentOutOfRangeException>(() => journal.DigestAfter(6));
        Assert.Throws<ArgumentOutOfRangeException>(() => journal.DigestAfter(-1));
    }

    [Fact]
    public void An_empty_folder_is_the_beginning()
    {
        using var journal = folder.Open();
        Assert.Equal((0L, 0L, default(Digest)), (journal.BaseStep, journal.LastStep, journal.DigestAfter(0)));
        Assert.Null(journal.Read(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => journal.DigestAfter(1));
        Assert.Empty(folder.Names());
        journal.Append(After(0, default));
        Assert.Equal((0L, 1L), (journal.BaseStep, journal.LastStep));
    }

    [Fact]
    public void Only_the_next_step_can_be_appended()
    {
        var records = Chain(3);
        using var journal = folder.Open();
        journal.ResetTo(0, Start);
        journal.Append(records[0]);
        Assert.Contains("of step 3; expected 2", Assert.Throws<ArgumentException>(() => journal.Append(records[2])).Message);
        Assert.Throws<ArgumentException>(() => journal.Append(records[0]));
    }

    [Fact]
    public void Two_checkpoint_intervals_are_kept()
    {
        var written = folder.Write(Chain(45), checkpoints: [10, 20, 30, 40]);
        Assert.Equal(["journal-00000030.log", "journal-00000040.log"], folder.Names());
        using (var journal = folder.Open())
        {
            Assert.Equal((30L, 45L), (journal.BaseStep, journal.LastStep));
            Assert.Null(journal.Read(30));
            foreach (var record in written[30..])
                AssertSame(record, journal.Read(record.Step));
        }
        StepJournal.Clear(folder.Path);
        Assert.Empty(folder.Names());
    }

    [Fact]
    public void The_ring_may_be_beyond_the_checkpoint()
    {
        var records = Chain(9);
        using var journal = folder.Open();
        journal.ResetTo(0, Start);
        foreach (var record in records[..7])
            journal.Append(record);
        journal.Checkpointed(oldest: 5); // of step 5, while the ring holds 7
        Assert.Equal(["journal-00000000.log", "journal-00000007.log"], folder.Names());
        journal.Append(records[7]);
        journal.Checkpointed(oldest: 5);
        journal.Checkpointed(oldest: 5); // with nothing new, no new file
        Assert.Equal(["journal-00000000.log", "journal-00000007.log", "journal-00000008.log"], folder.Names());
        journal.Append(records[8]);
        for (var step = 1; step <= 9; step++)
            AssertSame(records[step - 1], journal.Read(step));
        journal.Checkpointed(oldest: 8);
        Assert.Equal((8L, 9L), (journal.BaseStep, journal.LastStep));
        Assert.Null(journal.Read(8));
        Assert.Equal(records[7].Digest, journal.DigestAfter(8));
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
        var written = folder.Write(Chain(6), checkpoints: [2, 4], keep: true);
        var kept = Math.Min(step, 6);
        var other = After(kept, kept == 0 ? Start : written[(int)kept - 1].Digest, salt: 3);
        using (var journal = folder.Open())
        {
            journal.TruncateAfter(step);
            Assert.Equal((0L, kept), (journal.BaseStep, journal.LastStep));
            Assert.Null(journal.Read(kept + 1));
            journal.Append(other);
            AssertSame(other, journal.Read(kept + 1));
        }
        using var again = folder.Open();
        Assert.Empty(again.Repairs);
        Assert.Equal((kept + 1, other.Digest), (again.LastStep, again.DigestAfter(kept + 1)));
        for (var at = 1; at <= kept; at++)
            AssertSame(written[at - 1], again.Read(at));
    }

    [Fact]
    public void What_is_not_kept_cannot_be_cut()
    {
        folder.Write(Chain(45), checkpoints: [10, 20, 30, 40]);
        using var journal = folder.Open();
        Assert.Throws<ArgumentOutOfRangeException>(() => journal.TruncateAfter(29));
        Assert.Equal(45, journal.LastStep);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(100)]
    public void A_restart_forgets_all_and_is_on_the_disk_at_once(long step)
    {
        folder.Write(Chain(6), checkpoints: [2, 4], keep: true);
        var chain = Digest.Of([4]);
        using (var journal = folder.Open())
        {
            journal.ResetTo(step, chain);
            Assert.Equal([$"journal-{step:D8}.log"], folder.Names());
            Assert.Equal(Header, new FileInfo(Directory.GetFiles(folder.Path).Single()).Length);
            Assert.Equal((step, step, chain), (journal.BaseStep, journal.LastStep, journal.DigestAfter(step)));
            journal.Append(After(step, chain));
        }
        Assert.Equal((step, step + 1, After(step, chain).Digest),
            (folder.Reopened().First, folder.Reopened().Last, folder.Reopened().Chain));
    }

    [Fact]
    public async Task Reading_goes_beside_appending_cutting_and_deleting()
    {
        var records = Chain(400);
        using var journal = folder.Open();
        journal.ResetTo(0, Start);
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
                    wrong += read.Digest == records[step - 1].Digest
                        && read.Signs.AsSpan().SequenceEqual(records[step - 1].Signs) ? 0 : 1;
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
                journal.TruncateAfter(record.Step - 1);
                journal.Append(record);
            }
        }
        await done.CancelAsync();
        Assert.True(await reader > 0);
        Assert.Equal(0, wrong);
    }
}
