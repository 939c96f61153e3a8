using static TorchSharp.torch;

namespace DecentralizedLion.Models;

/// <summary>
/// Tensors of a batch's arrays, in memory of libtorch's own. TorchSharp's tensor(array) keeps the managed array, whose alignment
/// differs from run to run, and with it the last bit of a matrix product.
/// </summary>
static class HostCopy
{
    public static Tensor Of(float[] values, ReadOnlySpan<long> shape, Device device)
    {
        using var pinned = tensor(values, shape);
        return pinned.to(float32, device, copy: true);
    }

    public static Tensor Of(long[] values, ReadOnlySpan<long> shape, Device device)
    {
        using var pinned = tensor(values, shape);
        return pinned.to(int64, device, copy: true);
    }
}
