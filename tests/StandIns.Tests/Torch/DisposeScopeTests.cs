using TorchSharp.Interop;
using static TorchSharp.torch;

namespace DecentralizedLion.StandIns.Tests.Torch;

// The count of live handles is the process's own, so nothing else of libtorch may run meanwhile.
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class DisposeScopeTests
{
    [Fact]
    public void A_scope_frees_what_was_made_in_it_but_what_left_it()
    {
        long before = Settled();
        Tensor kept, moved;
        using (var outer = NewDisposeScope())
        {
            using (var inner = NewDisposeScope())
            {
                var x = ones(3);
                var y = (x * 2) + 1;
                kept = (y - x).DetachFromDisposeScope();
                moved = y.MoveToOuterDisposeScope();
                Assert.Equal(2, inner.DisposablesCount);
                x.Dispose();
                Assert.Equal(1, inner.DisposablesCount);
            }

            Assert.Equal(1, outer.DisposablesCount);
            Assert.Equal(9f, moved.sum().item<float>());
        }

        Assert.True(moved.IsInvalid);
        Assert.Equal(before + 1, Native.tt_live());
        kept.Dispose();
        kept.Dispose();
        Assert.Equal(before, Native.tt_live());
        Assert.Throws<InvalidOperationException>(() => kept.shape);
    }

    [Fact]
    public void A_training_step_leaves_nothing_behind()
    {
        using var net = nn.Sequential(nn.Linear(4, 8), nn.GELU(), nn.Linear(8, 3));
        Step();
        long before = Settled();
        for (int i = 0; i < 10; i++)
            Step();
        Assert.Equal(before, Native.tt_live());

        void Step()
        {
            using var scope = NewDisposeScope();
            var loss = nn.functional.cross_entropy(net.call(randn(5, 4)), randint(3, [5]));
            loss.backward();
            net.zero_grad(set_to_none: false);
            Assert.NotEmpty(scope.DisposablesView);
        }
    }

    [Fact]
    public void Disposing_a_module_frees_its_parameters()
    {
        long before = Settled();
        nn.Sequential(nn.Linear(2, 2), nn.BatchNorm2d(3)).Dispose();
        Assert.Equal(before, Native.tt_live());
    }

    [Fact]
    public void A_forgotten_tensor_is_freed_by_its_finalizer()
    {
        long before = Settled();
        Forget();
        Assert.Equal(before, Settled());

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Forget() => Assert.Equal(3, ones(3).NumberOfElements);
    }

    static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Native.tt_live();
    }
}
