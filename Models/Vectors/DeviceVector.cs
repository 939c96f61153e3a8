using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.LionK;
using static TorchSharp.torch;

namespace DecentralizedLion.Models.Vectors;

/// <summary>
/// A flat vector on a device, by tensor operations alone. A product and a sum are two operations whose results are both stored,
/// so that no device can contract them into one rounding.
/// </summary>
/// <param name="values">The values; the caller's.</param>
/// <param name="place">The device.</param>
sealed class DeviceVector(Tensor values, DevicePlace place) : FlatVector
{
    readonly int words = BitPlanes.Words((int)values.NumberOfElements);

    public override int Length { get; } = (int)values.NumberOfElements;

    public override Span<float> Span =>
        throw new InvalidOperationException($"the vector lies on {place.Device}, not in host memory");

    /// <summary>True when a device can cast the gradient of 𝒦: others need all values at once, or are no signs.</summary>
    public static bool Casts(Kappa kappa) => kappa is SignKappa or SoftThresholdKappa;

    public override ReadOnlySpan<float> Peek(int begin, int count, ref float[] buffer)
    {
        if (buffer.Length < count)
            buffer = new float[count];
        Read(begin, buffer.AsSpan(0, count));
        return buffer.AsSpan(0, count);
    }

    public override void Read(int begin, Span<float> destination)
    {
        using var quiet = no_grad();
        place.Read(values, begin, destination);
    }

    public override void Write(int begin, ReadOnlySpan<float> source)
    {
        using var quiet = no_grad();
        place.Write(values, begin, source);
    }

    public override void CopyFrom(FlatVector other)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        values.copy_(Of(other));
    }

    public override void Clear()
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        values.zero_();
    }

    // The least and the most are NaN where any value is.
    public override bool IsFinite() => Extremes() is var (least, most) && float.IsFinite(least) && float.IsFinite(most);

    public override bool IsZero() => Extremes() is var (least, most) && least == 0 && most == 0;

    public override void Vote(FlatVector gradient, float beta1, float beta2, Kappa kappa, Span<ulong> signs, Span<ulong> zeros)
    {
        if (!Casts(kappa))
            throw new NotSupportedException($"{kappa} is computed in host memory only");
        float cut = kappa is SoftThresholdKappa soft ? soft.Threshold : 0, rest1 = 1 - beta1, rest2 = 1 - beta2;
        var whole = Of(gradient);
        Pack(signs, zeros, (begin, count) =>
        {
            Tensor m = values.narrow(0, begin, count), g = whole.narrow(0, begin, count);
            var u = m.Times(beta1);
            Add(u, g, rest1);
            m.Multiply(beta2);
            Add(m, g, rest2);
            return u;
        }, cut);
    }

    public override void Blend(FlatVector gradient, float beta)
    {
        var rest = 1 - beta;
        var whole = Of(gradient);
        InBlocks(0, Length, (begin, count) =>
        {
            var m = values.narrow(0, begin, count).Multiply(beta);
            Add(m, whole.narrow(0, begin, count), rest);
        });
    }

    public override void PackSigns(Span<ulong> signs, Span<ulong> zeros) =>
        Pack(signs, zeros, (begin, count) => values.narrow(0, begin, count), cut: 0);

    public override void ApplySigns(ReadOnlySpan<ulong> signs, ReadOnlySpan<ulong> zeros, float learningRate, float decay)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var hasZeros = !zeros.IsEmpty;
        var planes = place.Planes.Upload(signs, zeros, words);
        Tensor sign = planes.select(0, 0), zero = planes.select(0, hasZeros ? 1 : 0);
        var table = place.Bits.Signs.Times(learningRate);
        InBlocks(0, Length, (begin, count) =>
        {
            var step = BitPacking.Unpack(table, sign, begin, count);
            if (hasZeros)
                step.Fill(BitPacking.Unpack(place.Bits.Masks, zero, begin, count), 0); // +0, as in host memory
            Subtract(begin, count, step, decay);
        });
    }

    public override void ApplyCounts(ReadOnlySpan<ulong> counts, int planes, ReadOnlySpan<float> table, float decay)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var bytes = place.Planes.Upload(counts, [], words);
        var steps = new float[1 << planes];
        table[..Math.Min(table.Length, steps.Length)].CopyTo(steps);
        var lookup = tensor(steps).to(float32, place.Device, copy: true);
        Tensor[] bits = [.. Enumerable.Range(0, planes).Select(plane => bytes.select(0, plane))];
        Tensor[] weights = [.. Enumerable.Range(0, planes).Select(plane => place.Bits.Ones.Times(1 << plane))];
        InBlocks(0, Length, (begin, count) =>
        {
            var index = BitPacking.Unpack(weights[0], bits[0], begin, count);
            for (var plane = 1; plane < planes; plane++)
            {
                using var part = NewDisposeScope();
                index.Add(BitPacking.Unpack(weights[plane], bits[plane], begin, count));
            }
            Subtract(begin, count, lookup.index_select(0, index), decay);
        });
    }

    public override void Apply(int begin, int end, FlatVector direction, float rate, float decay)
    {
        var whole = Of(direction);
        InBlocks(begin, end, (at, count) => Subtract(at, count, whole.narrow(0, at, count).Times(rate), decay));
    }

    public override void Decay(float decay)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        values.Multiply(decay);
    }

    /// <summary>Casts u, block by block: +1 where it is more than the cut, 0 where its magnitude is not.</summary>
    void Pack(Span<ulong> signs, Span<ulong> zeros, Func<long, long, Tensor> u, float cut)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var planes = place.Planes.Buffer(2, words);
        Tensor sign = planes.select(0, 0), zero = planes.select(0, 1);
        InBlocks(0, Length, (begin, count) =>
        {
            var cast = u(begin, count);
            using (var above = cast.IsAbove(cut))
                BitPacking.Pack(above, sign, begin);
            BitPacking.Pack(cut == 0 ? cast.IsZero() : cast.abs_().IsAtMost(cut), zero, begin);
        });
        place.Planes.Download(planes, signs, zeros);
    }

    void InBlocks(int first, int end, Action<long, long> action)
    {
        using var quiet = no_grad();
        for (long begin = first; begin < end; begin += place.Block)
        {
            using var scope = NewDisposeScope();
            action(begin, Math.Min(place.Block, end - begin));
        }
    }

    /// <summary>x ← x·decay, then x ← x − step.</summary>
    void Subtract(long begin, long count, Tensor step, float decay) =>
        values.narrow(0, begin, count).Multiply(decay).sub_(step);

    /// <summary>sum ← sum + factor·of.</summary>
    static void Add(Tensor sum, Tensor of, float factor)
    {
        using var product = of.Times(factor);
        sum.Add(product);
    }

    (float Least, float Most) Extremes()
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var (least, most) = values.aminmax();
        var both = stack([least, most]).cpu().data<float>();
        return (both[0], both[1]);
    }

    static Tensor Of(FlatVector vector) => vector is DeviceVector device ? device.Tensor
        : throw new InvalidOperationException("the vector lies in host memory, not on the device");

    Tensor Tensor => values;
}
