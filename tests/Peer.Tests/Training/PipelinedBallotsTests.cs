using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Training;

namespace DecentralizedLion.Peer.Tests.Training;

/// <summary>Ballots that were computed before their step began.</summary>
public class PipelinedBallotsTests
{
    const long Last = 20;

    static readonly Digest before = Digest.Of([1]), now = Digest.Of([2]);

    readonly List<long> computed = [];

    /// <summary>Computes all that are missing after a step.</summary>
    void Fill(PipelinedBallots pipelined, long step)
    {
        while (pipelined.NextMissing(step, Last) is { } later)
        {
            computed.Add(later);
            pipelined.Add(later, new PendingBallot(later, before, new Ballot(5), later), TimeSpan.FromSeconds(later));
        }
    }

    [Fact]
    public void Without_a_delay_there_are_none()
    {
        var pipelined = new PipelinedBallots(0);
        Assert.Null(pipelined.NextMissing(1, Last));
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
            Fill(pipelined, step);
            Assert.Equal(Math.Min(step + delay, Last), computed[^1]);
        }
        Assert.Equal(Host.Range(2, Last), computed);
    }

    [Fact]
    public void Those_of_steps_that_were_decided_without_us_are_dropped()
    {
        var pipelined = new PipelinedBallots(2);
        Fill(pipelined, 5);
        Assert.Equal(7, pipelined.Take(7, now)?.Ballot?.Step);
        Assert.Null(pipelined.Take(6, now));
        Fill(pipelined, 5);
        Assert.Null(pipelined.Take(9, now));
        Assert.Null(pipelined.Take(7, now));
    }

    [Fact]
    public void Cleared_there_are_none_and_they_are_computed_anew()
    {
        var pipelined = new PipelinedBallots(2);
        Fill(pipelined, 5);
        pipelined.Clear();
        Assert.Null(pipelined.Take(6, now));
        Fill(pipelined, 5);
        Assert.Equal([6, 7, 6, 7], computed);
    }

    [Fact]
    public void One_that_could_not_be_computed_is_not_computed_again()
    {
        var pipelined = new PipelinedBallots(1);
        pipelined.Add(2, null, TimeSpan.Zero);
        Assert.Null(pipelined.NextMissing(1, Last));
        Assert.True(pipelined.Take(2, now) is { Ballot: null });
    }
}
