using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace DecentralizedLion.StandIns.Tests.Torch;

static class Values
{
    public static float[] Floats(this Tensor tensor)
    {
        using var dense = tensor.detach().cpu().contiguous();
        return MemoryMarshal.Cast<byte, float>(dense.bytes).ToArray();
    }

    public static long[] Longs(this Tensor tensor)
    {
        using var dense = tensor.contiguous();
        return MemoryMarshal.Cast<byte, long>(dense.bytes).ToArray();
    }

    public static Tensor Row(params float[] values) => tensor(values);

    public static Tensor Matrix(long rows, long columns, params float[] values) => tensor(values, new[] { rows, columns });

    public static void Near(Tensor tensor, params double[] expected)
    {
        float[] found = tensor.Floats();
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < found.Length; i++)
            Assert.Equal(expected[i], found[i], 1e-5);
    }
}
