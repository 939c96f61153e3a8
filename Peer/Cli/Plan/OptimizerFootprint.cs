using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Optimizers;

namespace DecentralizedLion.Peer.Cli.Plan;

/// <summary>The bytes of a method in a step, in memory and on disk, at any size of the model. They are read off the method
/// itself, made for a tiny model: one of the real size would allocate all its state.</summary>
/// <param name="Method">Its name.</param>
/// <param name="BucketsOf">What a step carries, after any warm-up.</param>
/// <param name="ReplicatedStateBytes">A snapshot: the weights, the previous majority where there is one, and what else all peers
/// have alike.</param>
/// <param name="LocalStateBytes">What each peer keeps beside it of its own.</param>
sealed record OptimizerFootprint(string Method, IReadOnlyList<Bucket> BucketsOf, double ReplicatedStateBytes,
    double LocalStateBytes)
{
    /// <summary>A length that no other vector of the tiny model has.</summary>
    const int Probe = 128;

    /// <param name="settings">The run's settings, the method among them.</param>
    /// <param name="parameters">d.</param>
    /// <param name="tensors">How many tensors the model has.</param>
    public static OptimizerFootprint Of(TrainingSettings settings, int parameters, int tensors)
    {
        var optimizer = OptimizerFactory.Create(
            settings.Options with { MomentumSync = 0, Kappa = "sign", KeepWarmup = 0 }, [new("probe", [Probe], 0, Probe)], 0, 1);
        var buckets = optimizer.BucketsOf(1).Select(bucket => new Bucket(bucket.Reduction,
            bucket.Reduction.IsGathered ? TopKOptimizer.Entries(settings.Keep, parameters) : Scaled(bucket.Length))).ToList();
        if (settings.MomentumSync > 0)
            buckets.Add(new Bucket(new FloatMean(), Math.Max(1, parameters / settings.MomentumSync))); // so much on average
        var previous = buckets.Any(bucket => bucket.Reduction is MajorityVote { Ties: TieRule.Previous })
            ? 8.0 * BitPlanes.Words(parameters) : 0;
        return new OptimizerFootprint(settings.Method, buckets, (4.0 * parameters) + previous + Bytes(optimizer.ReplicatedState),
            Bytes(optimizer.LocalState));

        int Scaled(int length) => length == Probe ? parameters : tensors;
        double Bytes(IReadOnlyList<StateVector> vectors) => vectors.Sum(vector => 4.0 * Scaled(vector.Vector.Length));
    }
}
