using System.Runtime.Intrinsics;

namespace DecentralizedLion.Codecs.Bits.Simd;

static class VectorWidths
{
    /// <summary>The widest vector this CPU has; the JIT folds it to a constant.</summary>
    public static VectorWidth Widest =>
        Vector512.IsHardwareAccelerated ? VectorWidth.Bits512
        : Vector256.IsHardwareAccelerated ? VectorWidth.Bits256
        : Vector128.IsHardwareAccelerated ? VectorWidth.Bits128
        : VectorWidth.Scalar;
}
