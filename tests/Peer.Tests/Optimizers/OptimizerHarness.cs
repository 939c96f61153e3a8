using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models;
using DecentralizedLion.Peer.Cli.Compare;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Optimizers;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Tests.Optimizers;

/// <summary>Some workers of a method with gradients by number, and without a network.</summary>
sealed class OptimizerHarness
{
    public const int Parameters = 600;
    public const float LearningRate = 0.01f, WeightDecay = 0.5f;

    readonly DistributedMethod[] optimizers;
    readonly ulong[] previous = [.. Enumerable.Range(0, BitPlanes.Words(Parameters)).Select(word => TieHash.Word(0, word))];
    readonly PeerSet voters;
    readonly int[] batches;
    readonly BallotWeights weights;

    public OptimizerHarness(string settings, int workers, int[]? batches = null)
    {
        this.batches = batches ?? [];
        weights = BallotWeights.Of([.. Enumerable.Range(0, workers)], this.batches);
        Settings = TrainingSettings.Read(SettingsReader.Parse(
            $$"""{ "run": "r", "steps": 100, "learningRate": 0.01, "weightDecay": 0.5, {{settings}} }""", "peers.json"));
        ParameterSlice[] tensors = [new("a", [200], 0, 200), new("b", [400], 200, 400)];
        optimizers = [.. Enumerable.Range(0, workers)
            .Select(worker => OptimizerFactory.Create(Settings.Options, tensors, worker, Settings.Seed))];
        voters = Enumerable.Range(0, workers).Aggregate(default(PeerSet), (set, worker) => set.With(worker));
        previous[^1] &= BitPlanes.TailMask(Parameters);
    }

    public TrainingSettings Settings { get; }

    public IReadOnlyList<DistributedMethod> DistributedOptimizers => optimizers;

    public float[] Weights { get; } = [.. Enumerable.Range(0, Parameters).Select(i => MathF.Sin(i))];

    public static float Decay => LearningRateSchedule.Decay(LearningRate, WeightDecay);

    /// <summary>A step's gradients; some parameters have none, some have equal ones, so that votes are tied.</summary>
    public static float[][] Gradients(int step, int workers) =>
    [
        .. Enumerable.Range(0, workers).Select(worker => Enumerable.Range(0, Parameters).Select(i =>
            i < 10 ? 0 : i < 100 ? (worker % 2 == 0 ? 1f : -1f) * (1 + step % 3)
            : MathF.Sin((i * 7) + (worker * 13) + (step * 3)) / (1 + i % 5)).ToArray()),
    ];

    /// <summary>All vote, and the step is applied; to the weights once, since they are equal.</summary>
    public StepRecord Step(int step, float[][] gradients)
    {
        var buckets = optimizers[0].BucketsOf(step);
        Ballot[] ballots = [.. optimizers.Select(_ => new Ballot(buckets))];
        for (var worker = 0; worker < optimizers.Length; worker++)
            optimizers[worker].FillBallot(step, gradients[worker], ballots[worker]);
        Aggregate[] aggregates = [.. buckets.Select(
            (bucket, at) => InProcessReduction.Of(bucket, [.. ballots.Select(ballot => ballot.Buckets[at])], step,
            bucket.Reduction is MajorityVote ? previous : [], [.. voters.Select(voter => weights[voter])]))];
        var record = new StepRecord(step, 1, 1, voters, voters, new uint[optimizers.Length],
            BitConverter.SingleToUInt32Bits(LearningRate), BitConverter.SingleToUInt32Bits(WeightDecay), aggregates, default)
        {
            Batches = batches,
            NextBatches = batches,
        };
        if (buckets[0].Reduction is MajorityVote)
            for (var word = 0; word < previous.Length; word++)
                previous[word] = (previous[word] & (aggregates[0].Zeros?[word] ?? 0)) | aggregates[0].Planes[word];
        optimizers[0].Apply(record, Weights);
        foreach (var other in optimizers.Skip(1))
            for (var vector = 0; vector < other.ReplicatedState.Count; vector++)
                optimizers[0].ReplicatedState[vector].Values.CopyTo(other.ReplicatedState[vector].Values, 0);
        foreach (var optimizer in optimizers)
            optimizer.OnApplied(record);
        return record;
    }
}
