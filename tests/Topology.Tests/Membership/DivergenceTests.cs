using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;

namespace DecentralizedLion.Topology.Tests.Membership;

/// <summary>Members that hold one step with different digests.</summary>
public sealed class DivergenceTests
{
    const long Bad = 12;

    static readonly ChainDigest Right = ChainDigest.Of([1]), Wrong = ChainDigest.Of([2]);

    [Theory]
    [InlineData(3, 0)]
    [InlineData(3, 2)]
    [InlineData(4, 0)]
    [InlineData(4, 3)]
    [InlineData(5, 1)]
    public void A_minority_of_one_does_not_apply_the_step_and_all_name_it(int peers, int wrong)
    {
        Outcome[] outcomes = Train(peers, peer => peer == wrong ? Wrong : Right, out SimulatedRing ring);
        for (int peer = 0; peer < peers; peer++)
        {
            Assert.InRange(outcomes[peer].At, TimeSpan.Zero, TimeSpan.FromSeconds(3)); // at once, not after a timeout
            var reason = Assert.IsType<DivergenceException>(outcomes[peer].Reason);
            Assert.Equal(peer == wrong, reason.IsOurs);
            Assert.Equal(peer == wrong ? Bad - 1 : Bad, outcomes[peer].Committed.Count);
            Assert.Contains($"step {Bad}: p{wrong} differs from a quorum of the ring", reason.Message);
            Assert.Contains("in the weights", reason.Message);
            Assert.Contains(peer == wrong ? $"/{Wrong.Short} here" : $"/{Wrong.Short} there", reason.Message);
            Assert.Contains(peer == wrong ? $"/{Right.Short} there" : $"/{Right.Short} here", reason.Message);
            Assert.Contains($"Remove the checkpoints of p{wrong}", reason.Message);
            Assert.Equal(reason.Message, Assert.Single(ring.Texts(peer, RingEventKind.Diverged)));
        }
    }

    [Fact]
    public void Of_two_the_first_is_the_quorum()
    {
        Outcome[] outcomes = Train(2, peer => peer == 0 ? Wrong : Right, out _);
        Assert.Contains("p1 differs from a quorum of the ring (p0: half of the ring, with its first peer)", outcomes[1].Message);
        Assert.Contains("p1 differs from a quorum", outcomes[0].Message);
        Assert.Equal((Bad, Bad - 1), (outcomes[0].Committed.Count, outcomes[1].Committed.Count));
    }

    [Fact]
    public void Of_two_halves_the_one_with_the_first_peer_is_the_quorum()
    {
        Outcome[] outcomes = Train(4, peer => peer is 1 or 2 ? Wrong : Right, out _);
        foreach (int peer in (int[])[1, 2])
        {
            Assert.Contains($"p{peer} differs from a quorum of the ring (p0, p3: half of the ring, with its first peer)", outcomes[peer].Message);
            Assert.Equal(Bad - 1, outcomes[peer].Committed.Count);
        }
        foreach (int peer in (int[])[0, 3])
        {
            Assert.Matches("p[12] differs from a quorum", outcomes[peer].Message);
            Assert.Equal(Bad, outcomes[peer].Committed.Count);
        }
    }

    [Fact]
    public void Where_no_quorum_agrees_nobody_applies_and_all_say_so()
    {
        Outcome[] outcomes = Train(3, peer => ChainDigest.Of([(byte)peer]), out _);
        foreach (Outcome outcome in outcomes)
        {
            Assert.Equal(Bad - 1, outcome.Committed.Count);
            Assert.True(Assert.IsType<DivergenceException>(outcome.Reason).IsOurs);
            Assert.Contains("no quorum of the ring holds one and the same", outcome.Message);
            Assert.Matches($"p0 .*/{ChainDigest.Of([0]).Short}, p1 .*/{ChainDigest.Of([1]).Short}, p2 ", outcome.Message);
        }
    }

    [Fact]
    public void A_record_that_differs_is_told_as_the_chain()
    {
        var ring = new SimulatedRing(3, 100, seed: 1);
        Outcome[] outcomes = ring.ForAll(async peer =>
        {
            try
            {
                await ring.Members[peer].JoinAsync();
                await ring.Members[peer].VoteAsync(new StepVote(1, null, 0, peer == 2 ? 0.02f : 0.01f, 0, Right));
                await ring.Members[peer].VoteAsync(new StepVote(2, null, 0, 0.01f, 0, Right));
                return new Outcome([], null, ring.Loop.Clock.Elapsed);
            }
            catch (RingException e)
            {
                return new Outcome([], e, ring.Loop.Clock.Elapsed);
            }
        });
        Assert.All(outcomes, outcome => Assert.Contains("p2 differs from a quorum of the ring", outcome.Message));
        Assert.All(outcomes, outcome => Assert.Contains("in the verdict chain", outcome.Message));
    }

    static Outcome[] Train(int peers, Func<int, ChainDigest> atBad, out SimulatedRing ring)
    {
        var made = ring = new SimulatedRing(peers, 300, seed: 2);
        return made.ForAll(peer => made.TrainAsync(peer, 1000, _ => Task.Delay(TimeSpan.FromMilliseconds(10), made.Loop.Clock), step => step == Bad ? atBad(peer) : Right));
    }
}
