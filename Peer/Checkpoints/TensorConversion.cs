using System.Buffers.Binary;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>Numbers of the types that networks are stored in, as the fp32 numbers that they are trained in.</summary>
static class TensorConversion
{
    /// <summary>The types that can be converted.</summary>
    public const string Allowed = "F32, F16, BF16 and F64";

    /// <summary>True for a type that can be converted.</summary>
    public static bool CanConvert(string type) => type is TensorType.F32 or "F16" or "BF16" or "F64";

    /// <summary>Converts little-endian numbers, rounding those of 64 bits to the nearest; one that is too large for 32 bits
    /// becomes infinite.</summary>
    /// <param name="type">Their type.</param>
    /// <param name="bytes">The numbers.</param>
    /// <param name="result">As many numbers.</param>
    /// <exception cref="ArgumentException">There is no such conversion, or the lengths do not fit.</exception>
    public static void ToFloats(string type, ReadOnlySpan<byte> bytes, Span<float> result)
    {
        if (!CanConvert(type) || bytes.Length != (long)result.Length * TensorType.Size(type))
            throw new ArgumentException($"{bytes.Length} bytes of {type} are no {result.Length} numbers; allowed are {Allowed}");
        for (var i = 0; i < result.Length; i++)
            result[i] = type switch
            {
                TensorType.F32 => BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]),
                "F16" => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]),
                "BF16" => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16),
                _ => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]),
            };
    }
}
