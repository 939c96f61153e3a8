using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.LionK;
using DecentralizedLion.Models.Vectors;
using static TorchSharp.torch;

namespace DecentralizedLion.Benchmarks.Device;

/// <summary>The parts of a step of <c>mavo</c>, on vectors on a device and in host memory.</summary>
sealed class StepParts : IDisposable
{
    const float Rate = 0.0003f, Decay = 0.9999f;

    readonly DevicePlace place;
    readonly int parameters, words;
    readonly FlatVector x, m;
    readonly Tensor g;
    readonly DeviceVector gradient;
    readonly ulong[] signs, zeros;
    readonly float[] slice;

    public StepParts(DevicePlace place, int parameters)
    {
        (this.place, this.parameters, words) = (place, parameters, BitPlanes.Words(parameters));
        (signs, zeros, slice) = (new ulong[words], new ulong[words], new float[parameters / 64]);
        (x, m) = (place.NewVector(parameters), place.NewVector(parameters));
        g = randn(parameters, float32, place.Device).DetachFromDisposeScope();
        gradient = new DeviceVector(g, place);
    }

    /// <summary>The parts by name, in the order of a step; the last ones are what takes their place with vectors that are
    /// copied.</summary>
    public IEnumerable<(string Name, Action Run)> All()
    {
        yield return ("all finite", () => gradient.IsFinite());
        yield return ("ballot: blend, momentum, pack, copy", () => m.Vote(gradient, 0.9f, 0.99f, Kappa.Sign, signs, zeros));
        yield return ("of it pack", Pack);
        yield return ("of it copy", Download);
        yield return ("apply: copy, unpack, step", () => x.ApplySigns(signs, [], Rate, Decay));
        yield return ("apply with zeros", () => x.ApplySigns(signs, zeros, Rate, Decay));
        yield return ("of it copy", Upload);
        yield return ("of it unpack", Unpack);
        yield return ("slice for the digest", () => x.Read(0, slice));
        var (hostX, hostM, hostG) = (new float[parameters], new HostVector(new float[parameters]), new float[parameters]);
        yield return ("instead: copy the gradient", () => gradient.Read(0, hostG));
        yield return ("instead: ballot in host memory",
            () => hostM.Vote(hostG, 0.9f, 0.99f, Kappa.Sign, signs, zeros));
        yield return ("instead: apply in host memory", () => new HostVector(hostX).ApplySigns(signs, [], Rate, Decay));
        yield return ("instead: copy the weights", () => x.Write(0, hostX));
    }

    public void Dispose() => g.Dispose();

    void Pack()
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var planes = place.Planes.Buffer(2, words);
        InBlocks((begin, count) =>
        {
            var values = g.narrow(0, begin, count);
            BitPacking.Pack(values.gt(0), planes.select(0, 0), begin);
            BitPacking.Pack(values.eq(0), planes.select(0, 1), begin);
        });
    }

    void Unpack()
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var planes = place.Planes.Buffer(1, words);
        InBlocks((begin, count) => BitPacking.Unpack(place.Bits.Signs, planes.select(0, 0), begin, count));
    }

    void Download()
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        place.Planes.Download(place.Planes.Buffer(2, words), signs, zeros);
    }

    void Upload()
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        place.Planes.Upload(signs, [], words);
    }

    void InBlocks(Action<long, long> action)
    {
        for (long begin = 0; begin < parameters; begin += place.Block)
        {
            using var scope = NewDisposeScope();
            action(begin, Math.Min(place.Block, parameters - begin));
        }
    }
}
