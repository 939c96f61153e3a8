namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>The element types that we write; others can be listed but not read.</summary>
public static class TensorType
{
    public const string F32 = "F32", I64 = "I64", U64 = "U64";

    /// <summary>Bytes of one element, or 0 for a type that the format does not have.</summary>
    public static int Size(string type) => type switch
    {
        "BOOL" or "U8" or "I8" or "F8_E5M2" or "F8_E4M3" => 1,
        "U16" or "I16" or "F16" or "BF16" => 2,
        "U32" or "I32" or F32 => 4,
        "F64" or I64 or U64 => 8,
        _ => 0,
    };
}

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">PyTorch's state_dict name.</param>
/// <param name="Type">The element type as the format spells it.</param>
/// <param name="Shape">Its dimensions; none for a scalar.</param>
public sealed record TensorDeclaration(string Name, string Type, IReadOnlyList<long> Shape)
{
    /// <summary>Bytes of its data. Throws OverflowException when they are more than a long holds.</summary>
    public long Length
        => checked(Shape.Aggregate(1L, (product, dimension) => checked(product * dimension)) * TensorType.Size(Type));
}

/// <summary>A declared tensor with its place in the data part.</summary>
public sealed record TensorEntry(TensorDeclaration Declaration, long Begin, long End);
