using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Simulation.Reference;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.Tests.StateTransfer;
using FsCheck;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Commit;

/// <summary>The previous majority at any step of the journal, against a plain replay.</summary>
public sealed class LastCommitTests
{
    const int Parameters = 150, Steps = 40;

    [Property]
    public void It_goes_to_any_step_forwards_and_back(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        var world = new World(random, zeros: random.NextDouble());
        int first = 5 * random.Next(0, 4); // the journal may begin later, at a checkpoint
        world.Trim(first, random.Next(2) == 0 ? first : 5 * random.Next(first / 5, 8));
        var lastCommit = new LastCommit(world.Handle.Journal, world.Handle.Snapshots, BitPlanes.Words(Parameters));
        for (int i = 0; i < 12; i++)
        {
            long step = random.Next(first, Steps + 1);
            if (random.Next(3) == 0 && lastCommit.CommitStep is >= 0 and < Steps)
                lastCommit.Advance(world.Records[(int)lastCommit.CommitStep]);
            else if (random.Next(8) == 0)
                lastCommit.Reset();
            else
                lastCommit.SeekTo(step);
            if (lastCommit.CommitStep >= 0)
                world.AssertAt(lastCommit);
        }
    }

    [Fact]
    public void A_majority_without_zeros_needs_nothing_before_it()
    {
        var world = new World(new Random(1), zeros: 0);
        world.Handle.Snapshots.DropAfter(-1);
        var lastCommit = new LastCommit(world.Handle.Journal, world.Handle.Snapshots, BitPlanes.Words(Parameters));
        lastCommit.SeekTo(17);
        world.AssertAt(lastCommit);
    }

    [Fact]
    public void Where_neither_journal_nor_checkpoints_reach_back_it_says_so()
    {
        var world = new World(new Random(1), zeros: 1);
        world.Trim(7, 7);
        var lastCommit = new LastCommit(world.Handle.Journal, world.Handle.Snapshots, BitPlanes.Words(Parameters));
        lastCommit.SeekTo(12); // the checkpoint of step 10 helps
        world.AssertAt(lastCommit);
        lastCommit.Reset();
        Assert.Contains("no checkpoint of step 7 or later", Assert.Throws<RingException>(() => lastCommit.SeekTo(9)).Message);
    }

    [Fact]
    public void Where_no_tie_repeats_a_majority_there_is_none_and_nothing_is_read()
    {
        var world = new World(new Random(1), zeros: 1);
        world.Handle.Snapshots.DropAfter(-1);
        world.Disk.Records[10] = ([], world.Disk.Records[10].Digest);
        var lastCommit = new LastCommit(world.Handle.Journal, world.Handle.Snapshots, words: 0);
        foreach (long step in (long[])[12, 3, 40])
        {
            lastCommit.SeekTo(step);
            Assert.Equal((step, world.Handle.Journal.DigestAfter(step), 0),
                (lastCommit.CommitStep, lastCommit.CommitDigest, lastCommit.PreviousSigns.Length));
        }
        lastCommit.SeekTo(16);
        lastCommit.Advance(world.Records[16]);
        Assert.Equal(17, lastCommit.CommitStep);
    }

    [Fact]
    public void A_record_that_cannot_be_read_is_named()
    {
        var world = new World(new Random(1), zeros: 1);
        world.Disk.Records[10] = (world.Disk.Records[10].Bytes[..20], world.Disk.Records[10].Digest);
        var lastCommit = new LastCommit(world.Handle.Journal, world.Handle.Snapshots, BitPlanes.Words(Parameters));
        Assert.Contains("step 11 cannot be read", Assert.Throws<RingException>(() => lastCommit.SeekTo(12)).Message);
    }

    /// <summary>A journal of random majorities, a checkpoint every five steps, and the previous majority after each step by plain
    /// loops.</summary>
    sealed class World
    {
        readonly int[][] previous = new int[Steps + 1][];

        public World(Random random, double zeros)
        {
            Handle = Disk.Open(() => { });
            SimulatedReplica replica = SimulatedReplica.Initial(Parameters, 1);
            previous[0] = ReferenceVote.First(Parameters);
            Disk.Shared[0] = replica.Save();
            for (long step = 1; step <= Steps; step++)
            {
                bool any = random.NextDouble() < zeros;
                StepRecord record = StateTransferHarness.Record(step, random.Next(100), Parameters,
                    Handle.Journal.DigestAfter(step - 1), any);
                Handle.Journal.Append(record);
                Records.Add(record);
                replica.Apply(record);
                previous[step] = [.. previous[step - 1]
                    .Select((before, i) => ReferenceMajority.Sign(record.Signs, record.Zeros, i) is not 0 and var sign
                        ? sign : before)];
                if (step % 5 == 0)
                    Disk.Shared[step] = replica.Save();
            }
        }

        public SimulatedDisk Disk { get; } = new(Parameters, 5);

        public DiskHandle Handle { get; }

        public List<StepRecord> Records { get; } = [];

        /// <summary>The journal begins after a step; checkpoints before another step are gone, except where it begins.</summary>
        public void Trim(int first, int checkpoints)
        {
            Disk.Base = Disk.DigestAfter(first)!.Value;
            Disk.Records.RemoveRange(0, first);
            Disk.First = first;
            foreach (long step in Disk.Shared.Keys.Where(step => step < checkpoints && step != first).ToArray())
                Disk.Shared.Remove(step);
        }

        public void AssertAt(LastCommit lastCommit)
        {
            Assert.Equal(Handle.Journal.DigestAfter(lastCommit.CommitStep), lastCommit.CommitDigest);
            for (int i = 0; i < Parameters; i++)
                Assert.Equal(previous[lastCommit.CommitStep][i],
                    ReferenceMajority.Bit(lastCommit.PreviousSigns[i / 64], i % 64) ? 1 : -1);
            Assert.Equal(0UL, lastCommit.PreviousSigns[^1] & ~BitPlanes.TailMask(Parameters));
        }
    }
}
