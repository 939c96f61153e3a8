using DecentralizedLion.Models;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">PyTorch's state_dict name.</param>
/// <param name="Type">The element type as the format spells it.</param>
/// <param name="Shape">Its dimensions; none for a scalar.</param>
sealed record TensorDeclaration(string Name, string Type, IReadOnlyList<long> Shape)
{
    /// <summary>The weights of a flat vector, in its order.</summary>
    public static TensorDeclaration[] Of(IReadOnlyList<ParameterSlice> layout) =>
        [.. layout.Select(slice => new TensorDeclaration(slice.Name, TensorType.F32, slice.Shape))];

    /// <summary>Bytes of its data. Throws OverflowException when they are more than a long holds.</summary>
    public long Length
        => checked(Shape.Aggregate(1L, (product, dimension) => checked(product * dimension)) * TensorType.Size(Type));
}
