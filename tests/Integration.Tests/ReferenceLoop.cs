using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Training;

namespace DecentralizedLion.Integration.Tests;

/// <summary>
/// The peers' computation by one process with plain loops: every peer's gradient at the same weights, Lion's sign, the sum of the
/// signs, its sign, the step. Shares the networks, data, schedule and coin with the program, and none of its kernels.
/// </summary>
sealed class ReferenceLoop
{
    /// <summary>Added for every vote that is no abstention: one number then holds the sum of signs and how many there are, for
    /// where all abstain there is no tie to break.</summary>
    const int Cast = 1 << 16;

    readonly TrainingSettings settings;

    public ReferenceLoop(RunConfig run)
    {
        settings = run.Training;
        using var data = run.Data.Open();
        TorchSharp.torch.set_num_threads(1);
        using var model = RunModel.Create(run, data, "cpu");
        var peers = run.Roster.Count;
        var order = new ShuffledOrder(settings.Seed, data.Train.Count);
        var schedule = new LearningRateSchedule(settings.LearningRate, settings.Steps, settings.Warmup,
            settings.FinalLearningRate);
        var momenta = Enumerable.Range(0, peers).Select(_ => new float[model.Count]).ToArray();
        var previous = FirstMajority(model.Count);
        for (long step = 1; step <= settings.Steps; step++)
        {
            var sums = new int[model.Count];
            var losses = 0.0;
            for (var peer = 0; peer < peers; peer++)
            {
                var positions = new long[settings.Batch];
                for (var k = 0; k < positions.Length; k++)
                    positions[k] = ((step - 1) * peers + peer) * settings.Batch + k;
                losses += model.Backward(data.Train.Read([.. positions.Select(order.At)], positions));
                Vote(model.Gradient, momenta[peer], sums);
            }
            Losses.Add(losses / peers);
            Decide(sums, previous);
            var lr = schedule.LearningRate(step - 1);
            var decay = 1f - (float)(lr * settings.WeightDecay);
            var weights = model.Weights;
            for (var i = 0; i < weights.Length; i++)
            {
                var shrunk = (float)(weights[i] * decay);
                weights[i] = (float)(shrunk - (float)(lr * sums[i]));
            }
        }
        Weights = model.Weights.ToArray();
        Layout = RunModel.Tensors(model);
        Previous = previous;
    }

    /// <summary>Mean loss of the peers' mini-batches, step by step.</summary>
    public List<double> Losses { get; } = [];

    public float[] Weights { get; }

    public IReadOnlyList<TensorDeclaration> Layout { get; }

    /// <summary>The last majority that was not zero, by parameter.</summary>
    public bool[] Previous { get; }

    /// <summary>The number of parameters that the tie rule decided.</summary>
    public long Ties { get; private set; }

    /// <summary>The number of votes that were exactly zero.</summary>
    public long Abstentions { get; private set; }

    void Vote(ReadOnlySpan<float> gradient, float[] momentum, int[] sums)
    {
        float beta1 = settings.Beta1, beta2 = settings.Beta2, rest1 = 1f - beta1, rest2 = 1f - beta2;
        for (var i = 0; i < sums.Length; i++)
        {
            var u = (float)((float)(beta1 * momentum[i]) + (float)(rest1 * gradient[i]));
            momentum[i] = (float)((float)(beta2 * momentum[i]) + (float)(rest2 * gradient[i]));
            if (u == 0)
                Abstentions++;
            sums[i] += u > 0 ? 1 + Cast : u < 0 ? -1 + Cast : 0;
        }
    }

    /// <summary>Sums become −1, 0 or +1.</summary>
    void Decide(int[] sums, bool[] previous)
    {
        for (var i = 0; i < sums.Length; i++)
        {
            var votes = (sums[i] + (Cast >> 1)) / Cast;
            var sum = sums[i] - votes * Cast;
            if (sum == 0 && votes > 0)
            {
                Ties++;
                if (settings.Ties == "previous")
                    sum = previous[i] ? 1 : -1;
            }
            sums[i] = Math.Sign(sum);
            if (sum != 0)
                previous[i] = sum > 0;
        }
    }

    /// <summary>Before the first majority a tie falls as the coin of step 0 does.</summary>
    internal static bool[] FirstMajority(int parameters)
    {
        var majority = new bool[parameters];
        for (var i = 0; i < parameters; i++)
            majority[i] = (TieHash.Word(0, i / 64) >> (i % 64) & 1) != 0;
        return majority;
    }
}
