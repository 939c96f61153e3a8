using DecentralizedLion.Models;
using DecentralizedLion.Models.Networks;
using DecentralizedLion.Peer.Checkpoints;
using static TorchSharp.torch;

namespace DecentralizedLion.Peer.Cli.Export;

/// <summary>A checkpoint's weights with all names of each parameter.</summary>
sealed class TrainedWeights
{
    readonly List<(IReadOnlyList<string> Names, long[] Shape, int Offset, int Length)> parameters = [];
    readonly float[] weights;
    readonly NetworkBuffers buffers;

    TrainedWeights(string checkpoint, nn.Module<Tensor, Tensor> network)
    {
        var offset = 0;
        foreach (var tied in TiedParameter.Of(network.named_parameters()))
        {
            var (shape, length) = (tied.First.shape, (int)tied.First.NumberOfElements);
            parameters.Add((tied.Names, shape, offset, length));
            offset = checked(offset + length);
        }
        weights = new float[offset];
        TensorDeclaration[] layout = [.. parameters.Select(one => Declare(one.Names[0], one.Shape))];
        buffers = new NetworkBuffers(network.named_buffers());
        Checkpoint.ReadNetwork(checkpoint, layout, weights, buffers);
        using var file = new SafetensorsFile(checkpoint);
        Step = Checkpoint.StepOf(file);
    }

    /// <summary>The step that they are of.</summary>
    public long Step { get; }

    /// <summary>The number of parameters.</summary>
    public int Count => weights.Length;

    /// <summary>Reads the weights of a network from a checkpoint.</summary>
    /// <exception cref="CheckpointException">The file is damaged or of another network.</exception>
    public static TrainedWeights Read(string checkpoint, nn.Module<Tensor, Tensor> network) => new(checkpoint, network);

    /// <summary>Writes them and the buffers by the names of PyTorch's state_dict, tied ones under each name.</summary>
    public void WriteSafetensors(string path)
    {
        var all = new float[weights.Length + buffers.Count];
        weights.CopyTo(all, 0);
        buffers.Read(all.AsSpan(weights.Length));
        WeightsFile.Write(path, Step,
            [.. parameters.SelectMany(one => one.Names.Select(name => (Declare(name, one.Shape), one.Offset))),
                .. buffers.Layout.Select(one => (Declare(one.Name, one.Shape), weights.Length + one.Offset))], all);
    }

    /// <summary>Writes the network with these weights, in evaluation mode.</summary>
    public void WriteTorchScript(string path, TorchScriptNetwork network)
    {
        var named = network.named_parameters().ToDictionary(one => one.name, one => one.parameter);
        using (no_grad())
        using (NewDisposeScope())
            foreach (var (names, shape, offset, length) in parameters)
                named[names[0]].copy_(tensor(weights.AsSpan(offset, length).ToArray()).view(shape));
        network.eval();
        OutputFile.Write(path, network.Save);
    }

    static TensorDeclaration Declare(string name, long[] shape) => new(name, TensorType.F32, shape);
}
