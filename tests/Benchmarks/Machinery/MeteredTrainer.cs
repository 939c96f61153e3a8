using System.Diagnostics;
using DecentralizedLion.Codecs.Kernels;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology;

namespace DecentralizedLion.Benchmarks.Machinery;

/// <summary>The step of <c>Peer/Training/Trainer.cs</c> with a clock at its parts, and with digests of the weights or
/// without.</summary>
sealed class MeteredTrainer(TrainingSettings settings, int self, FlatModel model, IDataSplit data, Replica replica, Ring ring)
{
    readonly ShuffledOrder order = new(settings.Seed, data.Count);
    readonly Ballot[] ballots = [new(replica.Optimizer.BucketsOf(1)), new(replica.Optimizer.BucketsOf(1))];
    long wanted;

    public bool Digests { get; init; }

    public double DigestSeconds { get; private set; }

    public double GradientSeconds { get; private set; }

    /// <summary>Applies what is decided until a ballot is wanted.</summary>
    /// <returns>The moments at which steps were applied.</returns>
    public List<long> ToNextBallot()
    {
        var applied = new List<long>();
        while (true)
        {
            switch (ring.Next(replica.Step, Digest()))
            {
                case ComputeTurn(var step):
                    wanted = step;
                    return applied;
                case ApplyTurn(var record, _):
                    replica.Apply(record);
                    applied.Add(Stopwatch.GetTimestamp());
                    break;
                case var other:
                    throw new InvalidOperationException($"the ring wants {other}; nothing should fail here");
            }
        }
    }

    /// <summary>Trains for so many steps.</summary>
    /// <returns>The seconds of each.</returns>
    public double[] Steps(int count)
    {
        long last = replica.Step + count, before = Stopwatch.GetTimestamp();
        var seconds = new List<double>(count);
        while (replica.Step < last)
        {
            (Ballot ballot, float loss, TimeSpan took) = Gradient();
            ring.SubmitBallot(wanted, ballot, loss, took);
            foreach (long applied in ToNextBallot())
            {
                seconds.Add(Stopwatch.GetElapsedTime(before, applied).TotalSeconds);
                before = applied;
            }
        }
        return [.. seconds];
    }

    (Ballot Ballot, float Loss, TimeSpan Took) Gradient()
    {
        long start = Stopwatch.GetTimestamp();
        model.CopyWeightsToDevice();
        float loss = model.Backward(data.Read(replica.Data.Samples(order, self), replica.Data.Positions(self)));
        if (!float.IsFinite(loss) || !LionKernel.AllFinite(model.Gradient))
            throw new InvalidOperationException($"step {wanted}: the gradient is not finite");
        Ballot ballot = ballots[wanted % 2];
        replica.Optimizer.FillBallot(wanted, model.Parameters.Gradient, ballot);
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        GradientSeconds += took.TotalSeconds;
        return (ballot, loss, took);
    }

    Digest Digest()
    {
        if (!Digests)
            return default;
        long start = Stopwatch.GetTimestamp();
        Digest digest = replica.SliceDigest(replica.Step + 1);
        DigestSeconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
        return digest;
    }
}
