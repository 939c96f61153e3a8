using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>
/// One way to turn all peers' gradients into one step (docs/optimizers.md#one-step): what a peer casts, what the ring makes of
/// it, and what that does to the weights. The weights' rule must give equal bits on all machines: IEEE add, multiply, divide and
/// square root only.
/// </summary>
/// <param name="parameters">d, the number of parameters.</param>
abstract class DistributedMethod(int parameters)
{
    /// <summary>d, the number of parameters.</summary>
    public int Parameters => parameters;

    /// <summary>The vectors that this peer alone has, kept in its own part of a checkpoint.</summary>
    public virtual IReadOnlyList<StateVector> LocalState => [];

    /// <summary>The vectors beside the weights that are equal on all peers, kept in the shared part of a checkpoint.</summary>
    public virtual IReadOnlyList<StateVector> ReplicatedState => [];

    /// <summary>The buckets of a step; the same on all peers. The ring's thread asks for it, too.</summary>
    /// <param name="step">The step, from 1.</param>
    public abstract IReadOnlyList<Bucket> BucketsOf(long step);

    /// <summary>This peer's ballot, from its finite gradient; its own state goes on, whether the ballot is counted or
    /// not.</summary>
    /// <param name="step">The step, from 1.</param>
    /// <param name="gradient">g, d values.</param>
    /// <param name="ballot">Receives it; all of it is written.</param>
    public abstract void FillBallot(long step, FlatVector gradient, Ballot ballot);

    /// <summary>A decided step, applied to the weights and to <see cref="ReplicatedState"/>: the same bits on every peer. One
    /// without voters is weight decay alone.</summary>
    /// <param name="record">The step.</param>
    /// <param name="weights">x, d values.</param>
    public void Apply(StepRecord record, FlatVector weights)
    {
        var decay = LearningRateSchedule.Decay(record.LearningRate, record.WeightDecay);
        if (record.Voters.Count == 0)
            weights.Decay(decay);
        else
            Step(record, decay, weights);
    }

    /// <summary>Applies a decided step to the vectors that this peer alone has.</summary>
    public virtual void OnApplied(StepRecord record)
    {
    }

    /// <summary>The vectors were read from a checkpoint.</summary>
    public virtual void OnRestored()
    {
    }

    /// <summary>The step itself: x ← x·decay − lr·(the method's direction).</summary>
    /// <param name="record">The step; at least one has voted.</param>
    /// <param name="decay">1 − lr·λ.</param>
    /// <param name="weights">x, d values.</param>
    protected internal abstract void Step(StepRecord record, float decay, FlatVector weights);
}
