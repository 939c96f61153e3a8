using DecentralizedLion.Codecs.LionK;
using DecentralizedLion.Models.Vectors;
using static TorchSharp.torch;

namespace DecentralizedLion.Models.Tests.Networks;

[CollectionDefinition(nameof(LeakTests), DisableParallelization = true)]
[Collection(nameof(LeakTests))]
public sealed class LeakTests
{
    /// <summary>Counts all tensors of the process, so it runs alone.</summary>
    [Theory]
    [InlineData("convnet")]
    [InlineData("gpt")]
    public void Three_hundred_steps_leave_no_tensor_alive(string kind)
    {
        int threads = get_num_threads();
        set_num_threads(1); // so small a step is not worth two
        using var model = Cases.Model(kind);
        var batch = Cases.Batch(kind, 3);
        Step();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = Tensor.TotalCount;
        for (int i = 0; i < 300; i++)
            Step();
        // Nothing waits for the finalizer either: the garbage collector does not see how large a tensor is.
        Assert.Equal(before, Tensor.TotalCount);
        set_num_threads(threads);

        void Step()
        {
            model.Backward(batch);
            model.Predict(batch);
            model.CopyWeightsToDevice();
        }
    }

    [Fact]
    public void Steps_of_vectors_on_a_device_leave_no_tensor_alive()
    {
        const int Length = 1000, Words = 16;
        using var place = new DevicePlace(CPU, block: 256);
        FlatVector x = place.NewVector(Length), m = place.NewVector(Length), g = place.NewVector(Length);
        ulong[] signs = new ulong[Words], zeros = new ulong[Words], counts = new ulong[3 * Words];
        float[] buffer = [];
        Step();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;
        for (var i = 0; i < 20; i++)
            Step();
        Assert.Equal(before, Tensor.TotalCount);

        void Step()
        {
            Assert.True(g.IsFinite() && g.IsZero());
            m.Vote(g, 0.9f, 0.99f, Kappa.Parse("soft-threshold(0.1)"), signs, zeros);
            m.Blend(g, 0.9f);
            m.PackSigns(signs, zeros);
            x.ApplySigns(signs, zeros, 0.1f, 0.9f);
            x.ApplyCounts(counts, 3, [0.1f], 0.9f);
            x.Apply(3, 700, m, 0.1f, 0.9f);
            x.Decay(0.9f);
            x.Write(0, x.Peek(5, 10, ref buffer));
            g.CopyFrom(m);
            g.Clear();
        }
    }
}
