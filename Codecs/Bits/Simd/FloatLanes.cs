using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DecentralizedLion.Codecs.Bits.Simd;

readonly struct Floats512 : IFloatLanes<Vector512<float>>
{
    public static int Count => 16;

    static Vector512<uint> LaneBits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(1U, 2U, 4U, 8U, 16U, 32U, 64U, 128U, 256U, 512U, 1024U, 2048U, 4096U, 8192U, 16384U, 32768U);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ref float origin, nuint offset) => Vector512.LoadUnsafe(ref origin, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, ref float origin, nuint offset) => value.StoreUnsafe(ref origin, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Create(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Positive(Vector512<float> a) =>
        (ulong)Vector512.GreaterThan(a, Vector512<float>.Zero).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Zero(Vector512<float> a) =>
        (ulong)Vector512.Equals(a, Vector512<float>.Zero).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Select(ulong bits, Vector512<float> one, Vector512<float> zero) =>
        Vector512.ConditionalSelect(Vector512.Equals(Vector512.Create((uint)bits) & LaneBits, LaneBits).AsSingle(), one, zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MaxMagnitude(Vector512<float> a, Vector512<float> largest) =>
        Vector512.Max(a.AsInt32() & Vector512.Create(int.MaxValue), largest.AsInt32()).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Finite(Vector512<float> magnitude) =>
        Vector512.LessThanAll(magnitude.AsInt32(), Vector512.Create(FloatLanes.Infinity));
}

readonly struct Floats256 : IFloatLanes<Vector256<float>>
{
    public static int Count => 8;

    static Vector256<uint> LaneBits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.Create(1U, 2U, 4U, 8U, 16U, 32U, 64U, 128U);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(ref float origin, nuint offset) => Vector256.LoadUnsafe(ref origin, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> value, ref float origin, nuint offset) => value.StoreUnsafe(ref origin, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Create(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Positive(Vector256<float> a) =>
        (ulong)Vector256.GreaterThan(a, Vector256<float>.Zero).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Zero(Vector256<float> a) =>
        (ulong)Vector256.Equals(a, Vector256<float>.Zero).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Select(ulong bits, Vector256<float> one, Vector256<float> zero) =>
        Vector256.ConditionalSelect(Vector256.Equals(Vector256.Create((uint)bits) & LaneBits, LaneBits).AsSingle(), one, zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MaxMagnitude(Vector256<float> a, Vector256<float> largest) =>
        Vector256.Max(a.AsInt32() & Vector256.Create(int.MaxValue), largest.AsInt32()).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Finite(Vector256<float> magnitude) =>
        Vector256.LessThanAll(magnitude.AsInt32(), Vector256.Create(FloatLanes.Infinity));
}

readonly struct Floats128 : IFloatLanes<Vector128<float>>
{
    public static int Count => 4;

    static Vector128<uint> LaneBits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.Create(1U, 2U, 4U, 8U);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(ref float origin, nuint offset) => Vector128.LoadUnsafe(ref origin, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> value, ref float origin, nuint offset) => value.StoreUnsafe(ref origin, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Create(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Positive(Vector128<float> a) =>
        (ulong)Vector128.GreaterThan(a, Vector128<float>.Zero).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Zero(Vector128<float> a) =>
        (ulong)Vector128.Equals(a, Vector128<float>.Zero).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Select(ulong bits, Vector128<float> one, Vector128<float> zero) =>
        Vector128.ConditionalSelect(Vector128.Equals(Vector128.Create((uint)bits) & LaneBits, LaneBits).AsSingle(), one, zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MaxMagnitude(Vector128<float> a, Vector128<float> largest) =>
        Vector128.Max(a.AsInt32() & Vector128.Create(int.MaxValue), largest.AsInt32()).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Finite(Vector128<float> magnitude) =>
        Vector128.LessThanAll(magnitude.AsInt32(), Vector128.Create(FloatLanes.Infinity));
}

readonly struct Floats32 : IFloatLanes<float>
{
    public static int Count => 1;

    public static float Load(ref float origin, nuint offset) => Unsafe.Add(ref origin, offset);

    public static void Store(float value, ref float origin, nuint offset) => Unsafe.Add(ref origin, offset) = value;

    public static float Create(float value) => value;

    public static float Add(float a, float b) => a + b;

    public static float Subtract(float a, float b) => a - b;

    public static float Multiply(float a, float b) => a * b;

    public static ulong Positive(float a) => a > 0 ? 1UL : 0;

    public static ulong Zero(float a) => a == 0 ? 1UL : 0;

    public static float Select(ulong bits, float one, float zero) => (bits & 1) != 0 ? one : zero;

    public static float MaxMagnitude(float a, float largest)
    {
        var magnitude = BitConverter.SingleToInt32Bits(a) & int.MaxValue;
        return BitConverter.Int32BitsToSingle(Math.Max(magnitude, BitConverter.SingleToInt32Bits(largest)));
    }

    public static bool Finite(float magnitude) => BitConverter.SingleToInt32Bits(magnitude) < FloatLanes.Infinity;
}

static class FloatLanes
{
    /// <summary>The bits of +∞; magnitudes with as many or more are infinite or NaN.</summary>
    public const int Infinity = 0x7F800000;
}
