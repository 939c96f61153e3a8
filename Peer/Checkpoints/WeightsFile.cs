using System.Globalization;
using System.Runtime.InteropServices;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>A safetensors file of weights alone, by the names of PyTorch's state_dict.</summary>
static class WeightsFile
{
    /// <summary>Writes it.</summary>
    /// <param name="path">Where.</param>
    /// <param name="step">The step that the weights are of.</param>
    /// <param name="tensors">The tensors, each with the place of its first number among the weights.</param>
    /// <param name="weights">The weights.</param>
    public static void Write(string path, long step, IReadOnlyList<(TensorDeclaration Tensor, int Offset)> tensors,
        ReadOnlySpan<float> weights)
    {
        var metadata = new Dictionary<string, string>
        {
            ["format"] = "pt",
            ["step"] = step.ToString(CultureInfo.InvariantCulture),
        };
        using (var hash = Safetensors.BeginDigest(metadata))
        {
            foreach (var (tensor, offset) in tensors)
                hash.AppendData(BytesOf(tensor, offset, weights));
            metadata[Safetensors.Digest] = Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        using var writer = new SafetensorsWriter(path, [.. tensors.Select(one => one.Tensor)], metadata);
        foreach (var (tensor, offset) in tensors)
            writer.Write(BytesOf(tensor, offset, weights));
        writer.Commit();
    }

    static ReadOnlySpan<byte> BytesOf(TensorDeclaration tensor, int offset, ReadOnlySpan<float> weights) =>
        MemoryMarshal.AsBytes(weights.Slice(offset, (int)(tensor.Length / sizeof(float))));
}
