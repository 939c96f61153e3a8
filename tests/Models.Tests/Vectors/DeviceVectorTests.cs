using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Kernels;
using DecentralizedLion.Codecs.LionK;
using DecentralizedLion.Models.Vectors;
using TorchSharp;

namespace DecentralizedLion.Models.Tests.Vectors;

/// <summary>Flat vectors by tensor operations, on the CPU, against the kernels for host memory: bit for bit.</summary>
public sealed class DeviceVectorTests : IDisposable
{
    /// <summary>Lengths around words and blocks of <see cref="Block"/> values.</summary>
    public static TheoryData<int> Lengths => [1, 7, 63, 64, 65, 255, 256, 257, 1000, 4160];

    const int Block = 256;

    readonly DevicePlace place = new(torch.CPU, Block);

    public void Dispose() => place.Dispose();

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Lion_casts_the_same_ballots_and_has_the_same_momentum(int length)
    {
        foreach (var kappa in (string[])["sign", "soft-threshold(0.3)"])
        {
            var (host, device) = Both(new float[length]);
            for (var step = 0; step < 20; step++)
            {
                var (g, onDevice) = Both(Values(length, step));
                AssertSamePlanes(length, host, device, (vector, signs, zeros) => vector.Vote(
                    vector == host ? g : onDevice, 0.9f, 0.99f, Kappa.Parse(kappa), signs, zeros));
                AssertSame(host, device);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void A_momentum_and_its_signs_are_the_same(int length)
    {
        var (host, device) = Both(new float[length]);
        for (var step = 0; step < 20; step++)
        {
            var (g, onDevice) = Both(Values(length, step));
            AssertSamePlanes(length, g, onDevice, (vector, signs, zeros) => vector.PackSigns(signs, zeros));
            host.Blend(g, 0.9f);
            device.Blend(onDevice, 0.9f);
            AssertSame(host, device);
            AssertSamePlanes(length, host, device, (vector, signs, zeros) => vector.PackSigns(signs, zeros));
        }
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void A_hundred_steps_give_the_same_weights(int length)
    {
        var random = new Random(length);
        var (host, device) = Both(Values(length, 1));
        var (change, deviceChange) = Both(new float[length]);
        for (var step = 0; step < 100; step++)
        {
            float rate = 0.01f / (1 + step), decay = 1 - (rate * random.Next(3));
            var (signs, zeros) = (Plane(random, length), Plane(random, length));
            for (var word = 0; word < signs.Length; word++)
                signs[word] &= ~zeros[word];
            var hasZeros = step % 3 != 0;
            Each(vector => vector.ApplySigns(signs, hasZeros ? zeros : [], rate, decay));
            // Four voters: counts up to 4, and 5 to 7, which no table has.
            ulong[] counts = [.. Plane(random, length), .. signs, .. zeros];
            Each(vector => vector.ApplyCounts(counts, 3, AverageKernel.Table(rate, 4, sums: false), decay));
            change.ApplySigns(signs, zeros, rate, 1);
            deviceChange.ApplySigns(signs, zeros, rate, 1);
            int begin = random.Next(length), end = random.Next(begin, length) + 1;
            host.Apply(begin, end, change, -0.3f, decay);
            device.Apply(begin, end, deviceChange, -0.3f, decay);
            Each(vector => vector.Decay(0.999f));
            AssertSame(host, device);
        }
        Assert.Contains(Values(host), value => value != 0);

        void Each(Action<FlatVector> step)
        {
            step(host);
            step(device);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_value_that_is_not_finite_is_found_wherever_it_is(float value)
    {
        foreach (var length in (int[])[1, 64, 1000])
        {
            var (host, device) = Both(Values(length, 3));
            Assert.True(host.IsFinite() && device.IsFinite());
            foreach (var at in (int[])[0, length / 3, length - 1])
            {
                device.Write(at, [value]);
                host.Write(at, [value]);
                Assert.False(host.IsFinite() || device.IsFinite());
                device.Write(at, [float.MaxValue]);
                host.Write(at, [float.MaxValue]);
                Assert.True(host.IsFinite() && device.IsFinite());
            }
        }
    }

    [Fact]
    public void Values_go_to_the_host_and_back_in_pieces()
    {
        const int Length = (1 << 20) + 100; // more than one piece
        var values = new float[Length];
        for (var i = 0; i < Length; i++)
            values[i] = i;
        var device = place.NewVector(Length);
        Assert.True(device.IsZero());
        device.Write(0, values);
        Assert.Equal(values, Values(device));
        float[] buffer = [];
        Assert.Equal(values[(Length - 200)..^100], device.Peek(Length - 200, 100, ref buffer));
        var other = place.NewVector(Length);
        other.CopyFrom(device);
        Assert.False(other.IsZero());
        device.Clear();
        Assert.True(device.IsZero());
        Assert.Equal(values, Values(other));
        Assert.Throws<InvalidOperationException>(() => device.Span.Length);
        Assert.Throws<InvalidOperationException>(() => device.CopyFrom(values));
    }

    [Fact]
    public void A_step_copies_planes_and_nothing_else()
    {
        const int Length = 6400;
        var (momentum, gradient, weights) = (place.NewVector(Length), place.NewVector(Length), place.NewVector(Length));
        ulong[] signs = new ulong[Length / 64], zeros = new ulong[Length / 64];
        var before = place.CopiedBytes;
        Assert.True(gradient.IsFinite());
        momentum.Vote(gradient, 0.9f, 0.99f, Kappa.Sign, signs, zeros);
        weights.ApplySigns(signs, [], 0.1f, 0.99f);
        Assert.Equal(3 * Length / 8, place.CopiedBytes - before);
    }

    [Fact]
    public void What_a_device_cannot_cast_is_refused()
    {
        var momentum = place.NewVector(64);
        Assert.Throws<NotSupportedException>(() =>
            momentum.Vote(momentum, 0.9f, 0.99f, Kappa.Parse("top-k(0.1)"), new ulong[1], new ulong[1]));
    }

    (HostVector Host, FlatVector Device) Both(float[] values)
    {
        var device = place.NewVector(values.Length);
        device.Write(0, values);
        return (new HostVector([.. values]), device);
    }

    /// <summary>Values with zeros of both signs, equal and opposite ones, subnormal ones and large ones.</summary>
    static float[] Values(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(i => random.Next(12) switch
        {
            0 or 1 => 0f,
            2 => -0f,
            3 => 1f,
            4 => -1f,
            5 => float.Epsilon * random.Next(1, 9),
            6 => random.NextSingle() * 1e30f,
            _ => random.NextSingle() - 0.5f,
        })];
    }

    static float[] Values(FlatVector vector)
    {
        var values = new float[vector.Length];
        vector.Read(0, values);
        return values;
    }

    static ulong[] Plane(Random random, int length)
    {
        var plane = new ulong[BitPlanes.Words(length)];
        for (var word = 0; word < plane.Length; word++)
            plane[word] = (ulong)random.NextInt64() << 1;
        plane[^1] &= BitPlanes.TailMask(length);
        return plane;
    }

    delegate void Cast(FlatVector vector, Span<ulong> signs, Span<ulong> zeros);

    static void AssertSamePlanes(int length, FlatVector host, FlatVector device, Cast cast)
    {
        var words = BitPlanes.Words(length);
        ulong[] signs = new ulong[words], zeros = new ulong[words], found = new ulong[words], foundZeros = new ulong[words];
        found.AsSpan().Fill(ulong.MaxValue);
        foundZeros.AsSpan().Fill(ulong.MaxValue);
        cast(host, signs, zeros);
        cast(device, found, foundZeros);
        Assert.Equal(signs, found);
        Assert.Equal(zeros, foundZeros);
    }

    static void AssertSame(FlatVector host, FlatVector device) => Assert.Equal(
        Values(host).Select(BitConverter.SingleToUInt32Bits), Values(device).Select(BitConverter.SingleToUInt32Bits));
}
