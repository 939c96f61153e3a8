using DecentralizedLion.Codecs;
using DecentralizedLion.Models;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Tests.Training;

/// <summary>Ballots that were computed before their step began.</summary>
public class AheadBallotsTests
{
    const long Last = 20;

    static readonly ChainDigest before = ChainDigest.Of([1]), now = ChainDigest.Of([2]);

    readonly List<(long Step, long[] Positions)> computed = [];

    /// <summary>Two members with two samples each a step.</summary>
    static SharedPlan Plan => new(64, new StepSize(2, null, 1), DataPlan.Beginning([0, 1]));

    (OpenBallot?, TimeSpan) Compute(long step, DataPlan plan)
    {
        computed.Add((step, plan.Positions(1)));
        return (new OpenBallot(step, before, new Ballot(5), step), TimeSpan.FromSeconds(step));
    }

    [Fact]
    public void Without_a_delay_there_are_none()
    {
        var ahead = new AheadBallots(0);
        ahead.Fill(1, Last, Plan, Compute);
        Assert.Empty(computed);
        Assert.Null(ahead.Take(2, now));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Each_step_s_is_computed_once_and_given_with_the_chain_that_it_follows(int delay)
    {
        var ahead = new AheadBallots(delay);
        for (long step = 1; step <= Last; step++)
        {
            if (step == 1)
                Assert.Null(ahead.Take(step, now));
            else
                Assert.Equal((step, now, (float)step, TimeSpan.FromSeconds(step)), ahead.Take(step, now) is { Ballot: { } open, Took: var took }
                    ? (open.Step, open.After, open.Loss, took) : default);
            ahead.Fill(step, Last, Plan, Compute);
            Assert.Equal(Math.Min(step + delay, Last), computed[^1].Step);
        }
        Assert.Equal(Host.Range(2, Last), computed.Select(one => one.Step));
    }

    [Fact]
    public void Those_of_steps_that_were_decided_without_us_are_dropped()
    {
        var ahead = new AheadBallots(2);
        ahead.Fill(5, Last, Plan, Compute);
        Assert.Equal(7, ahead.Take(7, now)?.Ballot?.Step);
        Assert.Null(ahead.Take(6, now));
        ahead.Fill(5, Last, Plan, Compute);
        Assert.Null(ahead.Take(9, now));
        Assert.Null(ahead.Take(7, now));
    }

    [Fact]
    public void Cleared_there_are_none_and_they_are_computed_anew()
    {
        var ahead = new AheadBallots(2);
        ahead.Fill(5, Last, Plan, Compute);
        ahead.Clear();
        Assert.Null(ahead.Take(6, now));
        ahead.Fill(5, Last, Plan, Compute);
        Assert.Equal([6, 7, 6, 7], computed.Select(one => one.Step));
    }

    [Fact]
    public void Samples_follow_those_of_the_steps_before_as_if_all_voted()
    {
        var (plan, ahead) = (Plan, new AheadBallots(2));
        Assert.Equal([2, 3], plan.Positions(1));
        ahead.Fill(1, Last, plan, Compute);
        Assert.Equal([6, 7], computed[0].Positions);
        Assert.Equal([10, 11], computed[1].Positions);
        Assert.Equal([2, 3], plan.Positions(1)); // it was not moved
        plan.Advance([0, 1], [0, 1]);
        ahead.Take(2, now);
        ahead.Fill(2, Last, plan, Compute);
        Assert.Equal([14, 15], computed[2].Positions);
    }

    [Fact]
    public void One_that_could_not_be_computed_is_not_computed_again()
    {
        var ahead = new AheadBallots(1);
        ahead.Fill(1, Last, Plan, (_, _) => (null, TimeSpan.Zero));
        Assert.True(ahead.Take(2, now) is { Ballot: null });
    }
}
