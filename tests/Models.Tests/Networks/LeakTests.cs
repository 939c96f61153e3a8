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
}
