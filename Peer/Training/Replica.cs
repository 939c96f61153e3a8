using System.Numerics;
using System.Runtime.InteropServices;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Optimizers;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Training;

/// <summary>The state that is equal on all peers: the weights, what the method shares, the previous majority, who takes which
/// samples, and how far all are.</summary>
sealed class Replica
{
    /// <summary>A step compares one of so many slices of the weights, in turn, so that damaged memory is found.</summary>
    const int Slices = 64;

    readonly FlatParameters model;
    float[] slice = [];

    /// <param name="model">The weights, at their initial values.</param>
    /// <param name="optimizer">What a step does.</param>
    /// <param name="data">Who takes which samples, before the first step.</param>
    /// <param name="groups">The rates of groups of parameters; null: all have the step's.</param>
    public Replica(FlatParameters model, DistributedMethod optimizer, Sampler data, GroupRates? groups = null)
    {
        (this.model, Optimizer, Data, Groups) = (model, optimizer, data, groups);
        if (optimizer.BucketsOf(1)[0].Reduction is not MajorityVote)
            return;
        Previous = new ulong[BitPlanes.Words(model.Count)];
        // Before the first majority a tie falls as a coin does.
        for (var word = 0; word < Previous.Length; word++)
            Previous[word] = TieHash.Word(0, word);
        Previous[^1] &= BitPlanes.TailMask(model.Count);
    }

    /// <summary>Steps applied.</summary>
    public long Step { get; private set; }

    /// <summary>The chain's digest after them; zeros before the first.</summary>
    public Digest Chain { get; private set; }

    /// <summary>The optimizer.</summary>
    public DistributedMethod Optimizer { get; }

    /// <summary>The rates of groups of parameters; null: all have the step's.</summary>
    public GroupRates? Groups { get; }

    /// <summary>The last majority that was not zero, by parameter, which may decide ties; null without a vote.</summary>
    public ulong[]? Previous { get; }

    /// <summary>The share of the parameters whose majority in the last step was the opposite of the one before; null without a
    /// vote.</summary>
    public double? Flips { get; private set; }

    /// <summary>The share of the parameters whose last majority is zero; null without a vote.</summary>
    public double? Zeros { get; private set; }

    /// <summary>The step up to which what this peer alone has goes with the records. Less than <see cref="Step"/>: records
    /// between were not seen here. More: they are being applied once more.</summary>
    public long LocalStateStep { get; private set; }

    /// <summary>The sampler, at the next step.</summary>
    public Sampler Data { get; }

    /// <summary>The bytes of the slice of the weights that a step compares, hashed.</summary>
    public Digest SliceDigest(long step)
    {
        var turn = (int)(step % Slices);
        int begin = (int)((long)model.Count * turn / Slices), end = (int)((long)model.Count * (turn + 1) / Slices);
        return Digest.Of(MemoryMarshal.AsBytes(model.Weights.Peek(begin, end - begin, ref slice)));
    }

    /// <summary>The vectors were read from a checkpoint; this is the rest of it.</summary>
    public void Restore(long step, Digest chain, SamplerState data)
    {
        (Step, Chain) = (step, chain);
        Data.State = data;
        Optimizer.OnRestored();
    }

    /// <summary>The method's step: the same bits on every peer. Samples that nobody voted with are shared out again.</summary>
    /// <exception cref="ArgumentException">The record is not of the next step.</exception>
    public void Apply(StepRecord record)
    {
        if (record.Step != Step + 1)
            throw new ArgumentException($"the record is of step {record.Step}; expected {Step + 1}", nameof(record));
        if (Groups is null)
            Optimizer.Apply(record, model.Weights);
        else
            Groups.Apply(Optimizer, record, model.Weights);
        if (Previous is not null)
        {
            (Flips, Zeros) = Rates(record.Buckets[0]);
            record.UpdatePreviousSigns(Previous);
        }
        Data.Advance(record.Voters, record.Members, record.NextBatches);
        (Step, Chain) = (record.Step, record.Digest);
    }

    /// <summary>Applies a step to the vectors that this peer alone has; does nothing when that was done before.</summary>
    public void ApplyLocal(StepRecord record)
    {
        if (record.Step <= LocalStateStep)
            return;
        Optimizer.OnApplied(record);
        LocalStateStep = record.Step;
    }

    /// <summary>Notes that the vectors that this peer alone has are those after another step.</summary>
    public void MarkLocalStateAt(long step) => LocalStateStep = step;

    (double Flips, double Zeros) Rates(Aggregate majority)
    {
        long flips = 0, zeros = 0;
        for (var word = 0; word < Previous!.Length; word++)
        {
            var zero = majority.Zeros?[word] ?? 0;
            flips += BitOperations.PopCount((Previous[word] ^ majority.Planes[word]) & ~zero);
            zeros += BitOperations.PopCount(zero);
        }
        return ((double)flips / model.Count, (double)zeros / model.Count);
    }
}
