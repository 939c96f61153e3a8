using static TorchSharp.torch;

namespace DecentralizedLion.Models;

/// <summary>
/// The floating-point buffers of a network, such as BatchNorm's statistics, as one vector of floats. Buffers of whole numbers,
/// such as BatchNorm's count of batches, are left out. One thread at a time. The network stays their owner.
/// </summary>
sealed class NetworkBuffers
{
    readonly Tensor[] tensors;

    /// <param name="named">The buffers with their names, as <c>named_buffers()</c> gives them.</param>
    /// <exception cref="ArgumentException">They have more than 2³¹ − 1 values.</exception>
    public NetworkBuffers(IEnumerable<(string Name, Tensor Buffer)> named)
    {
        var layout = new List<ParameterSlice>();
        var kept = new List<Tensor>();
        long offset = 0;
        foreach ((string name, Tensor buffer) in named)
        {
            if (!buffer.is_floating_point())
                continue;
            if (offset + buffer.NumberOfElements > int.MaxValue)
                throw new ArgumentException($"the network's buffers have more than {int.MaxValue} values, which is the most "
                    + "allowed");
            layout.Add(new ParameterSlice(name, buffer.shape, (int)offset, (int)buffer.NumberOfElements));
            kept.Add(buffer);
            offset += buffer.NumberOfElements;
        }
        (Layout, tensors, Count) = (layout, [.. kept], (int)offset);
    }

    /// <summary>The values of all of them.</summary>
    public int Count { get; }

    /// <summary>Their names, shapes and places in the vector, in its order and without gaps.</summary>
    public IReadOnlyList<ParameterSlice> Layout { get; }

    /// <summary>Copies what they are into a vector of <see cref="Count"/> values.</summary>
    public void Read(Span<float> values)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        for (int i = 0; i < tensors.Length; i++)
            tensors[i].detach().to(float32).cpu().contiguous().data<float>().CopyTo(Of(values, i));
    }

    /// <summary>Sets them to a vector of <see cref="Count"/> values.</summary>
    public void Write(ReadOnlySpan<float> values)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        for (int i = 0; i < tensors.Length; i++)
            tensors[i].copy_(tensor(values.Slice(Layout[i].Offset, Layout[i].Length).ToArray()).view(tensors[i].shape));
    }

    Span<float> Of(Span<float> values, int i) => values.Slice(Layout[i].Offset, Layout[i].Length);
}
