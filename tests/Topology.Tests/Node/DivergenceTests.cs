namespace DecentralizedLion.Topology.Tests.Node;

/// <summary>Invariant I2 (docs/protocol.md#i2): a difference between replicas is found, named and repaired.</summary>
public sealed class DivergenceTests
{
    [Theory]
    [InlineData(3, 0, 0)]
    [InlineData(3, 2, 639)]
    [InlineData(4, 1, 300)]
    [InlineData(5, 4, 77)]
    public void A_flipped_bit_is_found_within_64_steps_named_and_mended(int peers, int wrong, int parameter)
    {
        var ring = new RingHarness(peers, parameters: 640);
        ring.StartAllAndRun(60);
        long step = ring.Peers[wrong].Replica.Step;
        ring.Peers[wrong].Flip(parameter);
        ring.Until(() => ring.Texts(wrong, RingEventKind.Diverged).Length > 0, "it is found");
        Assert.InRange(ring.Peers[wrong].Replica.Step, step, step + 66);
        for (int peer = 0; peer < peers; peer++)
        {
            int self = peer;
            ring.Until(() => ring.Texts(self, RingEventKind.Diverged).Length > 0, $"p{self} says so");
            string told = Assert.Single(ring.Texts(peer, RingEventKind.Diverged));
            Assert.Matches($"^step [0-9]+: p{wrong}'s weights differ from the majority's in slice {(parameter / 10) + 1} of 64 ",
                told);
        }
        ring.Until(() => !ring.Peers[wrong].IsDamaged && ring.Peers[wrong].Replica.Step > step + 70, "it is mended");
        string damage = ring.Peers[wrong].Process!.Reloads.Single(reload => reload.Damage is not null).Damage!;
        Assert.StartsWith("found in step ", damage);
        ring.UntilApplied(ring.Records.Keys.Max() + 70); // every step's weights are compared by the rig
        Assert.All(ring.Live, process => Assert.Equal(1, process.Member.View!.Number)); // the ring went on
    }

    [Fact]
    public void Damage_that_got_into_a_checkpoint_is_mended_from_the_others()
    {
        var ring = new RingHarness(3, parameters: 640) { CheckpointEvery = 20 };
        ring.StartAllAndRun(21);
        ring.Peers[1].Flip(639); // slice 63 is compared last
        ring.Until(() => ring.Peers[1].Process!.Reloads.Exists(reload => reload.Damage is not null), "it is found");
        Assert.True(ring.Peers[1].Replica.Step >= 60);
        ring.UntilApplied(ring.Records.Keys.Max() + 70);
        Assert.Equal(ring.Peers[0].Disk.Shared, ring.Peers[1].Disk.Shared);
    }

    [Fact]
    public void One_that_is_wrong_again_later_is_named_again()
    {
        var ring = new RingHarness(3, parameters: 640);
        ring.StartAllAndRun(10);
        for (int round = 1; round <= 2; round++)
        {
            ring.Peers[2].Flip(5 * round);
            ring.Until(() => ring.Texts(0, RingEventKind.Diverged).Length == round, "it is found");
            ring.Until(() => !ring.Peers[2].IsDamaged, "it is mended");
            ring.UntilApplied(ring.Records.Keys.Max() + 10);
        }
    }

    [Fact]
    public void Of_two_nobody_can_say_who_is_right_and_both_stop_with_the_reason()
    {
        var ring = new RingHarness(2, parameters: 640);
        ring.StartAllAndRun(10);
        ring.Peers[1].Flip(333);
        ring.Until(() => ring.Live.Any() is false, "both stop");
        foreach (HarnessPeer peer in ring.Peers)
        {
            Assert.Matches("^step [0-9]+: the weights of p0, p1 differ, and no majority can say whose are right",
                peer.Stopped);
            Assert.Contains("Keep the folder of the peer that you trust", peer.Stopped);
        }
        Assert.InRange(ring.Records.Keys.Max(), 10, 10 + 68);
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(3, 2)]
    [InlineData(4, 0)]
    [InlineData(5, 1)]
    public void One_whose_record_of_a_step_differs_takes_the_quorums(int peers, int wrong)
    {
        const long Bad = 12;
        var ring = new RingHarness(peers)
        {
            // Its own rates of one step: the record has them, so its digest differs.
            Change = (peer, options) => options with
            {
                RatesOf = step => peer == wrong && step == Bad ? new StepRates(1, 1) : RingHarness.Rates(step),
            },
        };
        ring.StartAllAndRun(40);
        string told = Assert.Single(ring.Texts(wrong, RingEventKind.Diverged));
        Assert.StartsWith($"step {Bad}: p{wrong}'s record (", told);
        Assert.Contains(" differs from that of a quorum (", told);
        ring.AssertMajorities();
        Assert.Equal(Enumerable.Range(1, (int)Bad + 5),
            ring.Peers[wrong].Applied.Take((int)Bad + 5).Select(applied => (int)applied.Step));
    }
}
