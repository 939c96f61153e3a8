using static TorchSharp.torch;

namespace DecentralizedLion.Models.Vectors;

/// <summary>
/// The packing of bits into bytes, and back, by whole-tensor operations. Packing adds neighbours up, of bits, pairs and fours;
/// unpacking looks up eight values for each byte.
/// </summary>
sealed class BitPacking : IDisposable
{
    const int Bytes = 256, Bits = 8;

    /// <param name="device">The device.</param>
    public BitPacking(Device device)
    {
        int[] bits = [.. Enumerable.Range(0, Bytes * Bits).Select(i => ((i / Bits) >> (i % Bits)) & 1)];
        using var scope = NewDisposeScope();
        var ones = tensor(bits).to(int32, device, copy: true).view(Bytes, Bits);
        Ones = ones.DetachFromDisposeScope();
        Masks = ones.to(@bool).DetachFromDisposeScope();
        float[] signs = [.. bits.Select(bit => (2f * bit) - 1)];
        Signs = tensor(signs).to(float32, device, copy: true).view(Bytes, Bits).DetachFromDisposeScope();
    }

    /// <summary>[256, 8]: a byte's bits, as numbers.</summary>
    public Tensor Ones { get; }

    /// <summary>[256, 8]: a byte's bits, as truth values.</summary>
    public Tensor Masks { get; }

    /// <summary>[256, 8]: +1 for each bit of a byte that is 1, else −1.</summary>
    public Tensor Signs { get; }

    /// <summary>Packs a block of truth values into a plane of bytes; the bits after the last value are 0 up to a whole
    /// word.</summary>
    /// <param name="values">The values.</param>
    /// <param name="plane">The plane.</param>
    /// <param name="begin">The block's first value, a multiple of 64.</param>
    public static void Pack(Tensor values, Tensor plane, long begin)
    {
        using var scope = NewDisposeScope();
        var count = values.NumberOfElements;
        var bytes = (count + 63) / 64 * 8;
        var bits = values.to(uint8);
        if (count < Bits * bytes)
        {
            var padded = zeros(Bits * bytes, uint8, values.device);
            padded.narrow(0, 0, count).copy_(bits);
            bits = padded;
        }
        for (var width = 1; width < Bits; width *= 2)
        {
            var pairs = bits.view(-1, 2);
            bits = pairs.select(1, 0).Plus(pairs.select(1, 1), 1 << width);
        }
        plane.narrow(0, begin / Bits, bytes).copy_(bits);
    }

    /// <summary>Looks up a block's values by the bits of a plane, in the caller's dispose scope.</summary>
    /// <param name="table">[256, 8]: a byte's eight values.</param>
    /// <param name="plane">The plane of bytes.</param>
    /// <param name="begin">The block's first value, a multiple of 64.</param>
    /// <param name="count">The block's values.</param>
    public static Tensor Unpack(Tensor table, Tensor plane, long begin, long count)
    {
        using var index = plane.narrow(0, begin / Bits, (count + Bits - 1) / Bits).to(int32);
        return table.index_select(0, index).view(-1).narrow(0, 0, count);
    }

    public void Dispose()
    {
        Ones.Dispose();
        Masks.Dispose();
        Signs.Dispose();
    }
}
