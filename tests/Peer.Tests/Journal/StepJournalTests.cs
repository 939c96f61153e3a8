using DecentralizedLion.Codecs;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Tests.Journal;

public sealed class StepJournalTests : IDisposable
{
    const int Parameters = 200;
    static readonly ChainDigest start = ChainDigest.Of([1, 2, 3]);

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_appended_is_replayed_in_order()
    {
        var written = Write(first: 0, count: 5);
        var (read, cut) = Replay(0, start);
        Assert.Null(cut);
        Assert.Equal(written.Select(r => r.Digest), read.Select(r => r.Digest));
        Assert.Equal(written[3].Signs, read[3].Signs);
        Assert.Equal(written[3].Zeros, read[3].Zeros);
        Assert.Equal(written[3].LossBits, read[3].LossBits);
        Assert.Equal(written[3].Voters, read[3].Voters);
    }

    [Fact]
    public void Replay_begins_behind_the_checkpoint()
    {
        var written = Write(first: 0, count: 5);
        var (read, cut) = Replay(3, written[2].Digest);
        Assert.Null(cut);
        Assert.Equal([4L, 5L], read.Select(r => r.Step));
    }

    [Fact]
    public void A_torn_tail_is_cut_at_the_last_good_record_at_every_length()
    {
        var written = Write(first: 0, count: 3);
        var file = Directory.GetFiles(folder.Path).Single();
        var whole = File.ReadAllBytes(file);
        for (var length = whole.Length - 1; length >= 0; length -= 13)
        {
            File.WriteAllBytes(file, whole[..length]);
            var (read, cut) = Replay(0, start);
            Assert.Equal(Ends(whole).Count(end => end <= length), read.Count);
            Assert.Equal(Ends(whole).Contains(length) || length == 0, cut is null);
            // Cut once, and the next replay finds nothing wrong.
            Assert.Null(Replay(0, start).Cut);
        }
    }

    [Fact]
    public void A_flipped_bit_anywhere_ends_the_replay_before_it()
    {
        Write(first: 0, count: 3);
        var file = Directory.GetFiles(folder.Path).Single();
        var whole = File.ReadAllBytes(file);
        for (var at = 0; at < whole.Length; at += 7)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 16;
            File.WriteAllBytes(file, damaged);
            var (read, cut) = Replay(0, start);
            Assert.Equal(Ends(whole).Count(end => end <= at), read.Count);
            Assert.Contains("torn or damaged", cut);
        }
    }

    [Fact]
    public void A_record_of_another_chain_is_not_used_and_later_ones_follow_the_cut()
    {
        Write(first: 0, count: 3);
        using (var other = Open())
        {
            other.Begin(3, 0);
            other.Append(Record(4, ChainDigest.Of([9])));
        }
        var (read, cut) = Replay(0, start);
        Assert.Equal(3, read.Count);
        Assert.NotNull(cut);
        var more = Write(first: 3, count: 2, chain: read[^1].Digest);
        var (again, none) = Replay(0, start);
        Assert.Null(none);
        Assert.Equal(more[^1].Digest, again[^1].Digest);
    }

    [Fact]
    public void Two_checkpoint_intervals_are_kept()
    {
        var chain = start;
        using (var journal = Open())
        {
            journal.Begin(0, 0);
            for (var step = 1; step <= 40; step++)
            {
                var record = Record(step, chain);
                chain = record.Digest;
                journal.Append(record);
                if (step % 10 == 0)
                    journal.Begin(step, step - 10);
            }
        }
        Assert.Equal(["journal-00000030.log", "journal-00000040.log"], Names());
        StepJournal.Clear(folder.Path);
        Assert.Empty(Names());
    }

    [Fact]
    public void A_record_of_another_model_is_not_read()
    {
        Write(first: 0, count: 1);
        using var journal = new StepJournal(folder.Path, Parameters + 64, TimeProvider.System);
        Assert.NotNull(journal.Replay(0, start, _ => Assert.Fail("a record was taken")));
    }

    string[] Names() => [.. Directory.GetFiles(folder.Path).Select(f => Path.GetFileName(f)!).Order()];

    StepJournal Open() => new(folder.Path, Parameters, TimeProvider.System);

    List<StepRecord> Write(long first, int count, ChainDigest? chain = null)
    {
        using var journal = Open();
        journal.Begin(first, 0);
        var digest = chain ?? start;
        var records = new List<StepRecord>();
        for (var step = first + 1; step <= first + count; step++)
        {
            var record = Record(step, digest);
            digest = record.Digest;
            journal.Append(record);
            records.Add(record);
        }
        return records;
    }

    (List<StepRecord> Read, string? Cut) Replay(long step, ChainDigest chain)
    {
        var records = new List<StepRecord>();
        using var journal = Open();
        return (records, journal.Replay(step, chain, records.Add));
    }

    /// <summary>Where each record of a file ends, by the lengths in it.</summary>
    static HashSet<int> Ends(byte[] file)
    {
        var ends = new HashSet<int>();
        for (var at = 0; at < file.Length;)
        {
            at += 8 + BitConverter.ToInt32(file, at);
            ends.Add(at);
        }
        return ends;
    }

    static StepRecord Record(long step, ChainDigest previous)
    {
        var random = new Random((int)step);
        var signs = new ulong[BitPlanes.Words(Parameters)];
        var zeros = step % 2 == 0 ? new ulong[signs.Length] : null;
        for (var word = 0; word < signs.Length; word++)
        {
            signs[word] = (ulong)random.NextInt64();
            if (zeros is not null)
                zeros[word] = (ulong)random.NextInt64() & ~signs[word];
        }
        return new StepRecord(step, 1, VoterSet.Of(0, 2), [(uint)step, 7], BitConverter.SingleToUInt32Bits(0.01f),
            BitConverter.SingleToUInt32Bits(0.1f), Parameters, signs, zeros, default).ChainedTo(previous);
    }
}
