using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor tensor(
        float[] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Copied<float>(rawArray, [rawArray.Length], ScalarType.Float32, dtype, device, requires_grad);

    public static Tensor tensor(
        float[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        string[] names = null) =>
        Copied<float>(rawArray, dimensions, ScalarType.Float32, dtype, device, requires_grad);

    public static Tensor tensor(
        Memory<float> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null,
        bool requires_grad = false, string[] names = null) =>
        Copied<float>(rawArray.Span, dimensions, ScalarType.Float32, dtype, device, requires_grad);

    public static Tensor tensor(
        double[] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Copied<double>(rawArray, [rawArray.Length], ScalarType.Float64, dtype, device, requires_grad);

    public static Tensor tensor(
        double[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        string[] names = null) =>
        Copied<double>(rawArray, dimensions, ScalarType.Float64, dtype, device, requires_grad);

    public static Tensor tensor(
        Memory<double> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null,
        bool requires_grad = false, string[] names = null) =>
        Copied<double>(rawArray.Span, dimensions, ScalarType.Float64, dtype, device, requires_grad);

    public static Tensor tensor(
        long[] dataArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Copied<long>(dataArray, [dataArray.Length], ScalarType.Int64, dtype, device, requires_grad);

    public static Tensor tensor(
        long[] dataArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        string[] names = null) =>
        Copied<long>(dataArray, dimensions, ScalarType.Int64, dtype, device, requires_grad);

    public static Tensor tensor(
        Memory<long> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null,
        bool requires_grad = false, string[] names = null) =>
        Copied<long>(rawArray.Span, dimensions, ScalarType.Int64, dtype, device, requires_grad);

    public static Tensor tensor(
        int[] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Copied<int>(rawArray, [rawArray.Length], ScalarType.Int32, dtype, device, requires_grad);

    public static Tensor tensor(
        int[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        string[] names = null) =>
        Copied<int>(rawArray, dimensions, ScalarType.Int32, dtype, device, requires_grad);

    public static Tensor tensor(
        Memory<int> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null,
        bool requires_grad = false, string[] names = null) =>
        Copied<int>(rawArray.Span, dimensions, ScalarType.Int32, dtype, device, requires_grad);

    public static Tensor tensor(
        byte[] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Copied<byte>(rawArray, [rawArray.Length], ScalarType.Byte, dtype, device, requires_grad);

    public static Tensor tensor(
        byte[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        string[] names = null) =>
        Copied<byte>(rawArray, dimensions, ScalarType.Byte, dtype, device, requires_grad);

    public static Tensor tensor(
        Memory<byte> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null,
        bool requires_grad = false, string[] names = null) =>
        Copied<byte>(rawArray.Span, dimensions, ScalarType.Byte, dtype, device, requires_grad);

    public static Tensor tensor(
        bool[] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Copied<bool>(rawArray, [rawArray.Length], ScalarType.Bool, dtype, device, requires_grad);

    public static Tensor tensor(
        bool[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        string[] names = null) =>
        Copied<bool>(rawArray, dimensions, ScalarType.Bool, dtype, device, requires_grad);

    public static Tensor tensor(
        Memory<bool> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null,
        bool requires_grad = false, string[] names = null) =>
        Copied<bool>(rawArray.Span, dimensions, ScalarType.Bool, dtype, device, requires_grad);

    public static Tensor tensor(float scalar, Device device = null, bool requires_grad = false) =>
        Copied<float>([scalar], [], ScalarType.Float32, null, device, requires_grad);

    public static Tensor tensor(double scalar, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Copied<double>([scalar], [], ScalarType.Float64, dtype, device, requires_grad);

    public static Tensor tensor(int scalar, Device device = null, bool requires_grad = false) =>
        Copied<int>([scalar], [], ScalarType.Int32, null, device, requires_grad);

    public static Tensor tensor(long scalar, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Copied<long>([scalar], [], ScalarType.Int64, dtype, device, requires_grad);

    static unsafe Tensor Copied<T>(
        ReadOnlySpan<T> values, ReadOnlySpan<long> dimensions, ScalarType type, ScalarType? dtype, Device device, bool requires_grad)
        where T : unmanaged
    {
        long expected = 1;
        foreach (long n in dimensions)
            expected *= n;
        if (expected != values.Length)
            throw new ArgumentException($"mismatched total size creating a tensor from an array: {expected} vs. {values.Length}");
        fixed (T* data = values)
        {
            var made = Native.tt_from_memory(
                data, dimensions, dimensions.Length, (int)type, (int)(dtype ?? type), Kind(device), Index(device));
            return Asked(made, requires_grad);
        }
    }
}
