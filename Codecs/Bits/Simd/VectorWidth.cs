namespace DecentralizedLion.Codecs.Bits.Simd;

/// <summary>The vector a kernel runs on. Every width gives the same bits; only speed differs.</summary>
enum VectorWidth
{
    Scalar = 0,
    Bits128 = 128,
    Bits256 = 256,
    Bits512 = 512,
}
