using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Optimizers;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>
/// A whole ring in one thread: each worker's gradient one after the other on one and the same network, since replicas are equal,
/// then the step as the ring decides it.
/// </summary>
sealed class InProcessRing
{
    readonly TrainingSettings settings;
    readonly FlatModel model;
    readonly Sampler sampler;
    readonly ShuffledOrder[] orders;
    readonly LocalStep[] localSteps;
    readonly LearningRateSchedule schedule;
    readonly DistributedMethod[] optimizers;
    readonly GroupRates? groups;
    readonly Queue<StepRecord> undone = [];
    readonly int[] members, batches;
    readonly BallotWeights weights;
    readonly PeerSet all;
    readonly ulong[] previous;
    Ballot[] ballots = [];

    /// <param name="settings">The run's settings.</param>
    /// <param name="workers">N.</param>
    /// <param name="model">The network, at its initial weights.</param>
    /// <param name="data">The data.</param>
    /// <param name="partition">Whose samples are whose.</param>
    /// <param name="batches">The samples of each worker in a mini-batch; null: all take the same.</param>
    /// <param name="isWeighted">Ballots count as many votes as the batches say; false: one each.</param>
    public InProcessRing(TrainingSettings settings, int workers, FlatModel model, IDataset data, Partition partition,
        IReadOnlyList<int>? batches = null, bool isWeighted = true)
    {
        (this.settings, this.model) = (settings, model);
        members = [.. Enumerable.Range(0, workers)];
        all = PeerSet.Of(members);
        IDataSplit[] splits = [.. members.Select(member => partition.ShardOf(data, member, workers, settings.Seed))];
        sampler = partition.SamplerOf(data.Train.Count, workers, settings.BatchSize with { Own = batches ?? [] });
        this.batches = isWeighted ? [.. batches ?? []] : [];
        weights = BallotWeights.Of(members, this.batches);
        orders = [.. splits.Select(split => new ShuffledOrder(settings.Seed, split.Count))];
        schedule = LearningRateSchedule.Of(settings);
        optimizers =
            [.. members.Select(member => OptimizerFactory.Create(settings.Options, model.Layout, member, settings.Seed))];
        if (WeightDecayGroups.RangesOf(model.Layout, settings) is { } ranges)
            groups = new GroupRates(ranges, model.Parameters.Place);
        localSteps =
            [.. members.Select(member => new LocalStep(settings, model, splits[member], optimizers[member], groups))];
        previous = new ulong[BitPlanes.Words(model.Count)];
        for (var word = 0; word < previous.Length; word++)
            previous[word] = TieHash.Word(0, word);
        previous[^1] &= BitPlanes.TailMask(model.Count);
    }

    /// <summary>The weight of each worker's ballot.</summary>
    public IReadOnlyList<int> Weights => [.. members.Select(member => weights[member])];

    /// <summary>Steps done.</summary>
    public long Step { get; private set; }

    /// <summary>The buckets of a step.</summary>
    public IReadOnlyList<Bucket> BucketsOf(long step) => optimizers[0].BucketsOf(step);

    /// <summary>Makes the next step.</summary>
    /// <returns>The mean loss of the samples; no number where one has none, and that worker casts nothing.</returns>
    public float Next()
    {
        var step = Step + 1;
        var buckets = optimizers[0].BucketsOf(step);
        if (ballots.Length == 0 || !ballots[0].Buckets.Select(bucket => bucket.Bucket).SequenceEqual(buckets))
            ballots = [.. members.Select(_ => new Ballot(buckets))];
        var rate = schedule.LearningRate(step - 1);
        var losses = new float[members.Length];
        var voters = PeerSet.Empty;
        int[] trained = [.. members.Where(sampler.HasSamples)];                   // by class there may be no sample for some
        double sum = 0;
        long count = 0;
        foreach (var worker in trained)
        {
            var samples = sampler.Samples(orders[worker], worker);
            if (localSteps[worker].TryCompute(samples, sampler.Positions(worker), step,
                ballots[worker], out losses[worker]))
                voters = voters.With(worker);
            (sum, count) = (sum + ((double)samples.Length * losses[worker]), count + samples.Length);
        }
        Decide(step, buckets, rate, voters, [.. voters.Select(voter => BitConverter.SingleToUInt32Bits(losses[voter]))]);
        sampler.Advance(voters, members);
        Step = step;
        return (float)(sum / count);
    }

    void Decide(long step, IReadOnlyList<Bucket> buckets, float rate, PeerSet voters, uint[] losses)
    {
        var aggregates = voters.IsEmpty ? [] : new Aggregate[buckets.Count];
        for (var index = 0; index < aggregates.Length; index++)
            aggregates[index] = InProcessReduction.Of(buckets[index],
                [.. voters.Select(voter => ballots[voter].Buckets[index])], step,
                buckets[index].Reduction is MajorityVote ? previous : [], [.. voters.Select(voter => weights[voter])]);
        undone.Enqueue(new StepRecord(step, 1, 1, all, voters, losses, BitConverter.SingleToUInt32Bits(rate),
            BitConverter.SingleToUInt32Bits(settings.WeightDecay), aggregates, default)
        {
            Batches = batches,
            NextBatches = batches,
        });
        if (buckets[0].Reduction is MajorityVote && !voters.IsEmpty)
            Remember(aggregates[0]);
        while (undone.Count > (step == settings.Steps ? 0 : settings.Delay))
            Apply(undone.Dequeue());
    }

    /// <summary>The last majority that was not zero.</summary>
    void Remember(Aggregate majority)
    {
        for (var word = 0; word < previous.Length; word++)
            previous[word] = (previous[word] & (majority.Zeros?[word] ?? 0)) | majority.Planes[word];
    }

    void Apply(StepRecord record)
    {
        if (groups is null)
            optimizers[0].Apply(record, model.Parameters.Weights);
        else
            groups.Apply(optimizers[0], record, model.Parameters.Weights);
        foreach (var other in optimizers.Skip(1))
            for (var vector = 0; vector < other.ReplicatedState.Count; vector++)
                other.ReplicatedState[vector].Vector.CopyFrom(optimizers[0].ReplicatedState[vector].Vector);
        foreach (var optimizer in optimizers)
            optimizer.OnApplied(record);
        model.CopyWeightsToDevice();
    }
}
