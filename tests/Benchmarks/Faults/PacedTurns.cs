using System.Diagnostics;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology;

namespace DecentralizedLion.Benchmarks.Faults;

/// <summary>The ring for a trainer whose every gradient takes the same time, most of it waiting, as on a device of its
/// own.</summary>
sealed class PacedTurns(Ring ring, TimeSpan pace, CancellationToken stop) : IRing
{
    long wanted;

    public RingStatistics Statistics => ring.Statistics;

    public TrainerTurn Next(long applied, Digest weights)
    {
        TrainerTurn turn = ring.Next(applied, weights);
        wanted = Stopwatch.GetTimestamp();
        return turn;
    }

    public void SubmitBallot(long step, Ballot? ballot, float loss, TimeSpan took)
    {
        if (pace - Stopwatch.GetElapsedTime(wanted) is { Ticks: > 0 } rest)
            stop.WaitHandle.WaitOne(rest);
        ring.SubmitBallot(step, ballot, loss, Stopwatch.GetElapsedTime(wanted));
    }

    public void RequestStop() => ring.RequestStop();

    public void StopVoting() => ring.StopVoting();

    public (long Payload, long All) TakeSent() => ring.TakeSent();
}
