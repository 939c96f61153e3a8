using System.Runtime.InteropServices;
using DecentralizedLion.Models;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Configuration;
using static TorchSharp.torch;

namespace DecentralizedLion.Peer.Training;

/// <summary>Gives a network the weights that the training starts from, and buffers where the file has them.</summary>
static class StartWeights
{
    const int Block = 1 << 20;

    /// <summary>Reads them into the network's parameters, which are in host memory and not yet one vector.</summary>
    /// <exception cref="CheckpointException">The file cannot be read or does not fit the network; nothing is changed.</exception>
    public static void Apply(StartSettings start, nn.Module<Tensor, Tensor> network)
    {
        using var file = new SafetensorsFile(start.Path);
        var mapping = new StartMapping(file, start);
        var targets = new Dictionary<string, Tensor>();
        foreach (var (name, parameter) in network.named_parameters())
            targets[name] = parameter;
        foreach (var tied in TiedParameter.Of(network.named_parameters()))
            mapping.AddParameter(tied.Names, tied.First.shape);
        foreach (var (name, buffer) in network.named_buffers())
        {
            targets[name] = buffer;
            mapping.AddBuffer(name, buffer.shape, buffer.dtype == int64);
        }
        var copies = mapping.Finish();
        file.Verify();
        using var quiet = no_grad();
        foreach (var (from, to) in copies)
            Copy(file, from, targets[to]);
    }

    static void Copy(SafetensorsFile file, TensorEntry from, Tensor to)
    {
        using var scope = NewDisposeScope();
        var isWhole = to.dtype == int64;
        var whole = zeros(to.NumberOfElements, isWhole ? int64 : float32);
        var size = TensorType.Size(from.Declaration.Type);
        for (long at = 0; at < whole.NumberOfElements; at += Block)
        {
            var bytes = new byte[size * Math.Min(Block, whole.NumberOfElements - at)];
            file.ReadPiece(from, at * size, bytes);
            var piece = whole.narrow(0, at, bytes.Length / size);
            if (isWhole)
                piece.copy_(tensor(MemoryMarshal.Cast<byte, long>(bytes).ToArray()));
            else
                piece.copy_(tensor(Floats(from.Declaration.Type, bytes, size)));
        }
        to.copy_(whole.view(to.shape));
    }

    static float[] Floats(string type, byte[] bytes, int size)
    {
        var floats = new float[bytes.Length / size];
        TensorConversion.ToFloats(type, bytes, floats);
        return floats;
    }
}
