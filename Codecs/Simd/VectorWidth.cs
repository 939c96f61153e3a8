using System.Runtime.Intrinsics;

namespace DecentralizedLion.Codecs.Simd;

/// <summary>The vector a kernel runs on. Every width gives the same bits; only speed differs.</summary>
enum VectorWidth
{
    Scalar = 0,
    Bits128 = 128,
    Bits256 = 256,
    Bits512 = 512,
}

static class VectorWidths
{
    /// <summary>The widest vector this CPU has; the JIT folds it to a constant.</summary>
    public static VectorWidth Widest =>
        Vector512.IsHardwareAccelerated ? VectorWidth.Bits512
        : Vector256.IsHardwareAccelerated ? VectorWidth.Bits256
        : Vector128.IsHardwareAccelerated ? VectorWidth.Bits128
        : VectorWidth.Scalar;
}
