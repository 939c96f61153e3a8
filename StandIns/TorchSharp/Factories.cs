using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor empty(
        long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        empty((ReadOnlySpan<long>)size, dtype, device, requires_grad, names);

    public static Tensor empty(
        ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Asked(Native.tt_empty(size, size.Length, Type(dtype), Kind(device), Index(device)), requires_grad);

    public static Tensor empty(
        long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        empty([size], dtype, device, requires_grad, names);

    public static Tensor empty(
        long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        empty([rows, columns], dtype, device, requires_grad, names);

    public static Tensor zeros(
        long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        zeros((ReadOnlySpan<long>)size, dtype, device, requires_grad, names);

    public static Tensor zeros(
        ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Asked(Native.tt_zeros(size, size.Length, Type(dtype), Kind(device), Index(device)), requires_grad);

    public static Tensor zeros(
        long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        zeros([size], dtype, device, requires_grad, names);

    public static Tensor zeros(
        long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        zeros([rows, columns], dtype, device, requires_grad, names);

    public static Tensor ones(
        long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        ones((ReadOnlySpan<long>)size, dtype, device, requires_grad, names);

    public static Tensor ones(
        ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Asked(Native.tt_ones(size, size.Length, Type(dtype), Kind(device), Index(device)), requires_grad);

    public static Tensor ones(
        long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        ones([size], dtype, device, requires_grad, names);

    public static Tensor ones(
        long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        ones([rows, columns], dtype, device, requires_grad, names);

    public static Tensor rand(
        long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null,
        string[] names = null) =>
        rand((ReadOnlySpan<long>)size, dtype, device, requires_grad, generator, names);

    public static Tensor rand(
        ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        Generator generator = null, string[] names = null) =>
        Asked(Native.tt_rand(size, size.Length, Type(dtype), Kind(device), Index(device)), requires_grad);

    public static Tensor rand(
        long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null,
        string[] names = null) =>
        rand([size], dtype, device, requires_grad, generator, names);

    public static Tensor rand(
        long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        Generator generator = null, string[] names = null) =>
        rand([rows, columns], dtype, device, requires_grad, generator, names);

    public static Tensor randn(
        long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null,
        string[] names = null) =>
        randn((ReadOnlySpan<long>)size, dtype, device, requires_grad, generator, names);

    public static Tensor randn(
        ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        Generator generator = null, string[] names = null) =>
        Asked(Native.tt_randn(size, size.Length, Type(dtype), Kind(device), Index(device)), requires_grad);

    public static Tensor randn(
        long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null,
        string[] names = null) =>
        randn([size], dtype, device, requires_grad, generator, names);

    public static Tensor randn(
        long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        Generator generator = null, string[] names = null) =>
        randn([rows, columns], dtype, device, requires_grad, generator, names);

    public static Tensor full(
        long[] size, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Asked(
            Native.tt_full(size, size.Length, value.Value, Type(dtype ?? value.Type), Kind(device), Index(device)), requires_grad);

    public static Tensor randint(
        long high, long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        Generator generator = null, string[] names = null) =>
        randint(0, high, size, dtype, device, requires_grad, generator, names);

    public static Tensor randint(
        long low, long high, long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        Generator generator = null, string[] names = null) =>
        Asked(
            Native.tt_randint(low, high, size, size.Length, Type(dtype ?? ScalarType.Int64), Kind(device), Index(device)),
            requires_grad);

    public static Tensor randperm(
        long n, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Asked(Native.tt_randperm(n, Type(dtype ?? ScalarType.Int64), Kind(device), Index(device)), requires_grad);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        arange(0L, stop, 1L, dtype, device, requires_grad);

    public static Tensor arange(
        Scalar start, Scalar stop, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        arange(start, stop, 1L, dtype, device, requires_grad);

    public static Tensor arange(
        Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device device = null, bool requires_grad = false)
    {
        bool whole = start.Value.Kind + stop.Value.Kind + step.Value.Kind == Interop.ScalarValue.IntegerKind;
        int type = Type(dtype ?? (whole ? ScalarType.Int64 : ScalarType.Float32));
        return Asked(Native.tt_arange(start.Value, stop.Value, step.Value, type, Kind(device), Index(device)), requires_grad);
    }

    public static Tensor zeros_like(
        Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        zeros(input.shape, dtype ?? input.dtype, device ?? input.device, requires_grad, names);

    public static Tensor ones_like(
        Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        ones(input.shape, dtype ?? input.dtype, device ?? input.device, requires_grad, names);

    static Tensor Asked(Tensor made, bool requires_grad) => requires_grad ? made.requires_grad_() : made;

    static int Type(ScalarType? dtype) => (int)(dtype ?? ScalarType.Float32);

    static int Kind(Device device) => (int)(device?.type ?? DeviceType.CPU);

    static int Index(Device device) => device?.index ?? -1;
}
