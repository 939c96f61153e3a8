using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public const ScalarType @bool = ScalarType.Bool;
    public const ScalarType uint8 = ScalarType.Byte;
    public const ScalarType int8 = ScalarType.Int8;
    public const ScalarType int32 = ScalarType.Int32;
    public const ScalarType int64 = ScalarType.Int64;
    public const ScalarType bfloat16 = ScalarType.BFloat16;
    public const ScalarType float16 = ScalarType.Float16;
    public const ScalarType float32 = ScalarType.Float32;

    public static string __version__ => Marshal.PtrToStringUTF8(Native.tt_version());

    public static DisposeScope NewDisposeScope() => new();

    public static int get_num_threads() => Native.tt_get_num_threads();

    public static void set_num_threads(int num) => Native.Check(Native.tt_set_num_threads(num));

    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (!TryInitializeDeviceType(deviceType))
            throw new InvalidOperationException($"Torch device type {deviceType} did not initialise on the current machine.");
    }

    public static bool TryInitializeDeviceType(DeviceType deviceType) =>
        deviceType == DeviceType.CPU || (deviceType == DeviceType.CUDA && cuda.is_available());

    public static Tensor cat(IList<Tensor> tensors, long dim = 0)
    {
        var joined = Native.tt_cat(Handles(tensors), tensors.Count, dim);
        GC.KeepAlive(tensors);
        return joined;
    }

    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0)
    {
        Tensor[] all = [.. tensors];
        var joined = Native.tt_stack(Handles(all), all.Length, dim);
        GC.KeepAlive(all);
        return joined;
    }

    public static Tensor matmul(Tensor input, Tensor target) => input.matmul(target);

    public static Tensor multinomial(Tensor input, long num_samples, bool replacement = false, Generator generator = null) =>
        Native.tt_multinomial(input, num_samples, replacement ? 1 : 0);

    public static Tensor sign(Tensor input) => input.sign();

    public static Tensor softmax(Tensor input, int dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

    public static Tensor sum(Tensor input, ScalarType? type = null) => input.sum(type);

    public static (Tensor, Tensor) topk(Tensor tensor, int k, int dim = -1, bool largest = true, bool sorted = true)
    {
        Native.Check(Native.tt_topk(tensor, k, dim, largest ? 1 : 0, sorted ? 1 : 0, out nint values, out nint indices));
        return (new(values), new(indices));
    }

    public static Tensor tril(Tensor input, long diagonal = 0) => input.tril(diagonal);

    public static Tensor where(Tensor condition, Tensor x, Tensor y) => Native.tt_where(condition, x, y);

    static nint[] Handles(IList<Tensor> tensors)
    {
        var handles = new nint[tensors.Count];
        for (int i = 0; i < handles.Length; i++)
            handles[i] = tensors[i].Handle;
        return handles;
    }
}
