using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Integration.Tests.Schedules;

/// <summary>
/// The weights that follow from the initial ones by a run's journal, by plain loops: x ← x·(1 − lr·λ) − lr·Δ for each record.
/// Shares the networks and the schedule of rates with the program, and none of its kernels.
/// </summary>
sealed class JournalOracle : IDisposable
{
    readonly RunConfig run;
    readonly IDataset data;
    readonly FlatModel model;
    readonly LearningRateSchedule rates;

    public JournalOracle(RunConfig run)
    {
        this.run = run;
        data = run.Data.Open();
        TorchSharp.torch.set_num_threads(1);
        model = RunModel.Create(run, data, "cpu");
        var training = run.Training;
        rates = new LearningRateSchedule(training.LearningRate, training.Steps, training.Warmup, training.FinalLearningRate);
        Layout = RunModel.Tensors(model);
        Weights = model.Weights.ToArray();
        Previous = ReferenceLoop.FirstMajority(model.Count);
    }

    public IReadOnlyList<TensorDeclaration> Layout { get; }

    public int Parameters => Weights.Length;

    public float[] Weights { get; }

    /// <summary>The last majority that was not zero, by parameter.</summary>
    public bool[] Previous { get; }

    /// <summary>Does one step more.</summary>
    public void Apply(StepRecord record)
    {
        Assert.True(BitConverter.SingleToUInt32Bits(rates.LearningRate(record.Step - 1)) == record.LearningRateBits
            && BitConverter.SingleToUInt32Bits(run.Training.WeightDecay) == record.WeightDecayBits,
            $"step {record.Step}: the rates are not peers.json's");
        float lr = record.LearningRate, decay = 1f - (float)(lr * record.WeightDecay);
        for (var i = 0; i < Weights.Length; i++)
        {
            var isZero = record.Zeros is { } zeros && Bit(zeros, i);
            var isPositive = Bit(record.Signs, i);
            Assert.False(isZero && isPositive, $"step {record.Step}: the majority on parameter {i} is +1 and 0");
            var shrunk = (float)(Weights[i] * decay);
            Weights[i] = isZero ? shrunk : isPositive ? (float)(shrunk - lr) : (float)(shrunk + lr);
            if (!isZero)
                Previous[i] = isPositive;
        }
    }

    /// <summary>Compares a checkpoint of the step that was applied last, bit for bit.</summary>
    public void Compare(string file, Digest chain)
    {
        var (weights, previous) = (new float[Weights.Length], new ulong[(Weights.Length + 63) / 64]);
        var progress = Checkpoint.Read(file, new CheckpointState(Layout, previous, [], []), weights);
        Assert.True(progress.Chain == chain, $"{file} says chain {progress.Chain}; the journal has {chain}");
        for (var i = 0; i < weights.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(Weights[i]) != BitConverter.SingleToInt32Bits(weights[i]))
                Assert.Fail($"{file}: weight {i} is {weights[i]:R}; the oracle has {Weights[i]:R}");
            if (Bit(previous, i) != Previous[i])
                Assert.Fail($"{file}: the previous majority on parameter {i} is {Bit(previous, i)}; the oracle has "
                    + $"{Previous[i]}");
        }
    }

    public void Dispose()
    {
        model.Dispose();
        data.Dispose();
    }

    static bool Bit(ulong[] plane, int at) => (plane[at / 64] >> (at % 64) & 1) != 0;
}
