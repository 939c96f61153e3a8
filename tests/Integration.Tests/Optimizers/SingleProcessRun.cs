using DecentralizedLion.Models;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Cli.Compare;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Training;

namespace DecentralizedLion.Integration.Tests.Optimizers;

/// <summary>A run's settings trained to their end as <c>peer compare</c> does it: all peers in one process, without a
/// ring.</summary>
sealed class SingleProcessRun
{
    public SingleProcessRun(RunConfig run)
    {
        TorchSharp.torch.set_num_threads(1);
        using var data = run.Data.Open();
        using var model = RunModel.Create(run, data, "cpu");
        var inProcessRing = new InProcessRing(run.Training, run.Roster.Count, model, data, run.Data.Partition);
        var start = model.Weights.ToArray();
        while (inProcessRing.Step < run.Training.Steps)
            inProcessRing.Next();
        Weights = model.Weights.ToArray();
        Moved = Weights.Zip(start).Count(pair => pair.First != pair.Second);
        Layout = RunModel.Tensors(model);
        Tensors = model.Layout;
    }

    public float[] Weights { get; }

    /// <summary>The number of weights that are not what they were at the start.</summary>
    public int Moved { get; }

    public IReadOnlyList<TensorDeclaration> Layout { get; }
    public IReadOnlyList<ParameterSlice> Tensors { get; }

    /// <summary>Compares the weights of a checkpoint bit for bit.</summary>
    public void Compare(string file)
    {
        var weights = new float[Weights.Length];
        Checkpoint.ReadWeights(file, Layout, weights);
        for (var i = 0; i < weights.Length; i++)
            if (BitConverter.SingleToInt32Bits(Weights[i]) != BitConverter.SingleToInt32Bits(weights[i]))
                Assert.Fail($"{file}: weight {i} is {weights[i]:R}; one process has {Weights[i]:R}");
    }
}
