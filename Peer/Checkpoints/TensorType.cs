namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>The element types that we write; others can be listed but not read.</summary>
static class TensorType
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
