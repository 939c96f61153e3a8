using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Training;

namespace DecentralizedLion.Peer.Tests.Training;

/// <summary>Ballots that were computed before their step began.</summary>
public class PipelinedBallotsTests
{
    const long Last = 20;

    static readonly Digest before = Digest.Of([1]), now = Digest.Of([2]);

    readonly List<(long Step, long[] Positions)> computed = [];

    /// <summary>Two members with two samples each a step.</summary>
    static SharedSampler Plan => new(64, new BatchSize(2, null, 1), DistributedSampler.InitialState([0, 1]));

    (PendingBallot?, TimeSpan) Compute(long step, DistributedSampler sampler)
    {
        computed.Add((step, sampler.Positions(1)));
        return (new PendingBallot(step, before, new Ballot(5), step), TimeSpan.FromSeconds(step));
    }

    [Fact]
    public void Without_a_delay_there_are_none()
    {
        var pipelined = new PipelinedBallots(0);
        pipelined.Fill(1, Last, Plan, Compute);
        Assert.Empty(computed);
        Assert.Null(pipelined.Take(2, now));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Each_step_s_is_computed_once_and_given_with_the_chain_that_it_follows(int delay)
    {
        var pipelined = new PipelinedBallots(delay);
        for (long step = 1; step <= Last; step++)
        {
            if (step == 1)
                Assert.Null(pipelined.Take(step, now));
            else
                Assert.Equal((step, now, (float)step, TimeSpan.FromSeconds(step)),
                    pipelined.Take(step, now) is { Ballot: { } open, Took: var took }
                    ? (open.Step, open.DigestBefore, open.Loss, took) : default);
            pipelined.Fill(step, Last, Plan, Compute);
            Assert.Equal(Math.Min(step + delay, Last), computed[^1].Step);
        }
        Assert.Equal(Host.Range(2, Last), computed.Select(one => one.Step));
    }

    [Fact]
    public void Those_of_steps_that_were_decided_without_us_are_dropped()
    {
        var pipelined = new PipelinedBallots(2);
        pipelined.Fill(5, Last, Plan, Compute);
        Assert.Equal(7, pipelined.Take(7, now)?.Ballot?.Step);
        Assert.Null(pipelined.Take(6, now));
        pipelined.Fill(5, Last, Plan, Compute);
        Assert.Null(pipelined.Take(9, now));
        Assert.Null(pipelined.Take(7, now));
    }

    [Fact]
    public void Cleared_there_are_none_and_they_are_computed_anew()
    {
        var pipelined = new PipelinedBallots(2);
        pipelined.Fill(5, Last, Plan, Compute);
        pipelined.Clear();
        Assert.Null(pipelined.Take(6, now));
        pipelined.Fill(5, Last, Plan, Compute);
        Assert.Equal([6, 7, 6, 7], computed.Select(one => one.Step));
    }

    [Fact]
    public void Samples_follow_those_of_the_steps_before_as_if_all_voted()
    {
        var (sampler, pipelined) = (Plan, new PipelinedBallots(2));
        Assert.Equal([2, 3], sampler.Positions(1));
        pipelined.Fill(1, Last, sampler, Compute);
        Assert.Equal([6, 7], computed[0].Positions);
        Assert.Equal([10, 11], computed[1].Positions);
        Assert.Equal([2, 3], sampler.Positions(1)); // it was not moved
        sampler.Advance([0, 1], [0, 1]);
        pipelined.Take(2, now);
        pipelined.Fill(2, Last, sampler, Compute);
        Assert.Equal([14, 15], computed[2].Positions);
    }

    [Fact]
    public void One_that_could_not_be_computed_is_not_computed_again()
    {
        var pipelined = new PipelinedBallots(1);
        pipelined.Fill(1, Last, Plan, (_, _) => (null, TimeSpan.Zero));
        Assert.True(pipelined.Take(2, now) is { Ballot: null });
    }
}
