using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Simulated;
using FsCheck;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Membership;

/// <summary>The previous verdict at any step of the journal, against a plain replay.</summary>
public sealed class TipTests
{
    const int Parameters = 150, Steps = 40;

    [Property]
    public void It_goes_to_any_step_forwards_and_back(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        var world = new World(random, zeros: random.NextDouble());
        int first = 5 * random.Next(0, 4); // the journal may begin later, at a checkpoint
        world.Trim(first, random.Next(2) == 0 ? first : 5 * random.Next(first / 5, 8));
        var tip = new Tip(world.Handle.Journal, world.Handle.Snapshots, BitPlanes.Words(Parameters));
        for (int i = 0; i < 12; i++)
        {
            long step = random.Next(first, Steps + 1);
            if (random.Next(3) == 0 && tip.Step is >= 0 and < Steps)
                tip.Advance(world.Records[(int)tip.Step]);
            else if (random.Next(8) == 0)
                tip.Reset();
            else
                tip.MoveTo(step);
            if (tip.Step >= 0)
                world.AssertAt(tip);
        }
    }

    [Fact]
    public void A_verdict_without_zeros_needs_nothing_before_it()
    {
        var world = new World(new Random(1), zeros: 0);
        world.Handle.Snapshots.DropAfter(-1);
        var tip = new Tip(world.Handle.Journal, world.Handle.Snapshots, BitPlanes.Words(Parameters));
        tip.MoveTo(17);
        world.AssertAt(tip);
    }

    [Fact]
    public void Where_neither_journal_nor_checkpoints_reach_back_it_says_so()
    {
        var world = new World(new Random(1), zeros: 1);
        world.Trim(7, 7);
        var tip = new Tip(world.Handle.Journal, world.Handle.Snapshots, BitPlanes.Words(Parameters));
        tip.MoveTo(12); // the checkpoint of step 10 helps
        world.AssertAt(tip);
        tip.Reset();
        Assert.Contains("no checkpoint of step 7 or later", Assert.Throws<RingException>(() => tip.MoveTo(9)).Message);
    }

    [Fact]
    public void Where_no_tie_repeats_a_verdict_there_is_none_and_nothing_is_read()
    {
        var world = new World(new Random(1), zeros: 1);
        world.Handle.Snapshots.DropAfter(-1);
        world.Disk.Records[10] = ([], world.Disk.Records[10].Digest);
        var tip = new Tip(world.Handle.Journal, world.Handle.Snapshots, words: 0);
        foreach (long step in (long[])[12, 3, 40])
        {
            tip.MoveTo(step);
            Assert.Equal((step, world.Handle.Journal.ChainAt(step), 0), (tip.Step, tip.Chain, tip.Previous.Length));
        }
        tip.MoveTo(16);
        tip.Advance(world.Records[16]);
        Assert.Equal(17, tip.Step);
    }

    [Fact]
    public void A_record_that_cannot_be_read_is_named()
    {
        var world = new World(new Random(1), zeros: 1);
        world.Disk.Records[10] = (world.Disk.Records[10].Bytes[..20], world.Disk.Records[10].Digest);
        var tip = new Tip(world.Handle.Journal, world.Handle.Snapshots, BitPlanes.Words(Parameters));
        Assert.Contains("step 11 cannot be read", Assert.Throws<RingException>(() => tip.MoveTo(12)).Message);
    }

    /// <summary>A journal of random verdicts, a checkpoint every five steps, and the previous verdict after each step by plain loops.</summary>
    sealed class World
    {
        readonly int[][] previous = new int[Steps + 1][];

        public World(Random random, double zeros)
        {
            Handle = Disk.Open(() => { });
            SimulatedReplica replica = SimulatedReplica.Initial(Parameters, 1);
            previous[0] = PlainVote.First(Parameters);
            Disk.Shared[0] = replica.Save();
            for (long step = 1; step <= Steps; step++)
            {
                bool any = random.NextDouble() < zeros;
                StepRecord record = FetchRig.Record(step, random.Next(100), Parameters, Handle.Journal.ChainAt(step - 1), any);
                Handle.Journal.Append(record);
                Records.Add(record);
                replica.Apply(record);
                previous[step] = [.. previous[step - 1]
                    .Select((before, i) => Oracle.Sign(record.Signs, record.Zeros, i) is not 0 and var sign ? sign : before)];
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
            Disk.Base = Disk.ChainAt(first)!.Value;
            Disk.Records.RemoveRange(0, first);
            Disk.First = first;
            foreach (long step in Disk.Shared.Keys.Where(step => step < checkpoints && step != first).ToArray())
                Disk.Shared.Remove(step);
        }

        public void AssertAt(Tip tip)
        {
            Assert.Equal(Handle.Journal.ChainAt(tip.Step), tip.Chain);
            for (int i = 0; i < Parameters; i++)
                Assert.Equal(previous[tip.Step][i], Oracle.Bit(tip.Previous[i / 64], i % 64) ? 1 : -1);
            Assert.Equal(0UL, tip.Previous[^1] & ~BitPlanes.TailMask(Parameters));
        }
    }
}
