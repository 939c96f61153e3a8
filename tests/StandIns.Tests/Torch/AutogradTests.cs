using System.Runtime.InteropServices;
using static DecentralizedLion.StandIns.Tests.Torch.Values;
using static TorchSharp.torch;

namespace DecentralizedLion.StandIns.Tests.Torch;

public sealed class AutogradTests
{
    [Fact]
    public void Gradients_add_up_in_the_tensor_that_was_set()
    {
        using var scope = NewDisposeScope();
        var x = Row(1, 2, 3).requires_grad_();
        Assert.Null(x.grad);
        var g = zeros(3);
        x.grad = g;
        (x * x).sum().backward();
        (x * x).sum().backward();
        Near(g, 4, 8, 12);
        x.grad = null;
        Assert.Null(x.grad);
    }

    [Fact]
    public void A_parameter_set_to_a_view_shares_the_flat_memory()
    {
        using var scope = NewDisposeScope();
        var flat = arange(6, dtype: float32);
        var p = nn.Parameter(zeros(2, 2));
        using (no_grad())
            p.set_(flat.narrow(0, 1, 4).view(2, 2));
        Near(p, 1, 2, 3, 4);
        MemoryMarshal.Cast<byte, float>(flat.bytes)[4] = 40;
        Near(p, 1, 2, 3, 40);
        Assert.True(p.requires_grad);
        Assert.True(p.is_leaf);
    }

    [Fact]
    public void Grad_mode_nests_and_is_put_back()
    {
        using var x = ones(2).requires_grad_();
        Assert.True(Tracked());
        using (no_grad())
        {
            Assert.False(Tracked());
            using (enable_grad())
                Assert.True(Tracked());
            Assert.False(Tracked());
            using (inference_mode())
                Assert.False(Tracked());
            Assert.False(Tracked());
            using (set_grad_enabled(true))
                Assert.True(Tracked());
        }

        Assert.True(Tracked());
        bool Tracked()
        {
            using var y = x * 2;
            return y.requires_grad;
        }
    }

    [Fact]
    public void Grad_mode_and_dispose_scopes_belong_to_their_thread()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        bool tracked = false;
        var thread = new Thread(() =>
        {
            using var x = ones(2).requires_grad_();
            using var y = x * 2;
            tracked = y.requires_grad;
        });
        thread.Start();
        thread.Join();
        Assert.True(tracked);
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void Errors_of_libtorch_are_external_exceptions_with_its_text()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ExternalException>(() => ones(2, 3).matmul(ones(2, 3)));
        Assert.Contains("mat1 and mat2 shapes cannot be multiplied", error.Message, StringComparison.Ordinal);
        Assert.Throws<ExternalException>(() => ones(2).backward());
        Assert.Throws<ExternalException>(() => ones(6).view(4, 2));
        Assert.Throws<ExternalException>(() => ones(6).chunk(2, dim: 3));
        var leaf = ones(2).requires_grad_();
        Assert.Throws<ExternalException>(() => leaf.add_(1));
        Assert.Throws<ArgumentException>(() => ones(2).item<float>());
        Assert.Throws<ArgumentException>(() => ones(1).item<double>());
        Assert.Throws<NotImplementedException>(() => ones(2, 2).narrow(1, 0, 1).bytes.Length);
        Assert.Throws<ArgumentException>(() => tensor(new float[3], new long[] { 2, 2 }));
    }
}
