using System.Runtime.InteropServices;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Networks;

namespace DecentralizedLion.Models.Tests.Networks;

public sealed class RepeatTests
{
    [Theory]
    [MemberData(nameof(Cases.Kinds), MemberType = typeof(Cases))]
    public void A_step_gives_the_same_bits_wherever_its_arrays_lie(string kind)
    {
        var (settings, shape, classes) = Wide(kind);
        using var model = Cases.Model(settings, shape, classes);
        var batch = Cases.Batch(shape, classes, size: 9, seed: 3);
        float loss = model.Backward(batch);
        float[] gradient = model.Gradient.ToArray(), logits = model.Predict(batch);
        var alignments = new HashSet<nint>();
        var between = new List<byte[]>();
        for (int i = 0; i < 60; i++)
        {
            between.Add(new byte[1 + (8 * i)]);
            var moved = new Batch
            {
                InputShape = batch.InputShape,
                Images = (float[]?)batch.Images?.Clone(),
                Tokens = (long[]?)batch.Tokens?.Clone(),
                Targets = (long[])batch.Targets.Clone(),
            };
            alignments.Add(Alignment(moved));
            Assert.Equal(BitConverter.SingleToInt32Bits(loss), BitConverter.SingleToInt32Bits(model.Backward(moved)));
            var now = MemoryMarshal.AsBytes(model.Gradient);
            Assert.True(now.SequenceEqual(MemoryMarshal.AsBytes<float>(gradient)), $"repeat {i}");
            Assert.Equal(logits, model.Predict(moved));
        }

        Assert.True(alignments.Count > 1, "the arrays all had one alignment, which says nothing");
        GC.KeepAlive(between);
    }

    static nint Alignment(Batch batch)
    {
        Array array = batch.Images is { } images ? images : batch.Tokens!;
        var pin = GCHandle.Alloc(array, GCHandleType.Pinned);
        nint address = pin.AddrOfPinnedObject();
        pin.Free();
        return address & 63;
    }

    /// <summary>Sizes at which the kernels take vectors, and leave a rest.</summary>
    static (NetworkSettings Settings, long[] Shape, int Classes) Wide(string kind) => kind switch
    {
        "mlp" => (new MlpSettings(Width: 67, Depth: 2), [1, 29, 29], 10),
        "convnet" => (new ConvNetSettings(Width: 24, Depth: 2), [3, 29, 29], 10),
        "vit" => (new VitSettings(Patch: 4, Width: 48, Depth: 2, Heads: 3), [3, 32, 32], 10),
        _ => (new GptSettings(Context: 19, Width: 48, Depth: 2, Heads: 3), [19], 67),
    };
}
