using System.Runtime.InteropServices;
using static DecentralizedLion.StandIns.Tests.Torch.Values;
using static TorchSharp.torch;

namespace DecentralizedLion.StandIns.Tests.Torch;

public sealed class OperationTests
{
    [Fact]
    public void Arithmetic_with_tensors_and_numbers()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (Row(1, 2, 3), Row(4, 5, 6));
        Near(a + b, 5, 7, 9);
        Near(a - b, -3, -3, -3);
        Near(a * b, 4, 10, 18);
        Near(b / a, 4, 2.5, 2);
        Near(a + 1, 2, 3, 4);
        Near(2 * a, 2, 4, 6);
        Near(a - 0.5f, 0.5, 1.5, 2.5);
        Near(a / 2.0, 0.5, 1, 1.5);
        Near(-a, -1, -2, -3);
        Near(a.add(b, alpha: 10), 41, 52, 63);
        Near(a.add_(b, alpha: -1).mul_(2), -6, -6, -6);
        Near(b.pow(2).sub_(1).div_(5), 3, 4.8, 7);
    }

    [Fact]
    public void Pointwise_functions()
    {
        using var scope = NewDisposeScope();
        float[] at = [-2, -0.5f, 0, 1, 3];
        var x = tensor(at);
        Near(x.exp(), [.. at.Select(v => Math.Exp(v))]);
        Near(x.tanh(), [.. at.Select(v => Math.Tanh(v))]);
        Near(x.sign(), -1, -1, 0, 1, 1);
        Near(x.relu(), 0, 0, 0, 1, 3);
        Near(x.abs().sqrt(), [.. at.Select(v => Math.Sqrt(Math.Abs(v)))]);
        Near(x.abs().add_(1).log(), [.. at.Select(v => Math.Log(Math.Abs(v) + 1))]);
        Near(x.sin() + x.cos(), [.. at.Select(v => Math.Sin(v) + Math.Cos(v))]);
        // Φ(1) = 0.841344746
        Near(nn.functional.gelu(Row(1, -1, 0)), 0.841344746, -0.158655254, 0);
    }

    [Fact]
    public void Shapes_and_views()
    {
        using var scope = NewDisposeScope();
        var x = arange(6, dtype: float32).view(2, 3);
        Assert.Equal([2, 3], x.shape);
        Assert.Equal([3, 1], x.stride());
        Near(x.t(), 0, 3, 1, 4, 2, 5);
        Near(x.transpose(0, 1).reshape(6), 0, 3, 1, 4, 2, 5);
        Near(x.permute(1, 0), 0, 3, 1, 4, 2, 5);
        Assert.False(x.t().is_contiguous());
        Assert.Equal([1, 2, 3], x.unsqueeze(0).shape);
        Assert.Equal([2, 3], x.unsqueeze(0).squeeze().shape);
        Assert.Equal([2, 2, 3], x.expand(2, 2, 3).shape);
        Assert.Equal([6], x.flatten().shape);
        Near(x.narrow(1, 1, 2), 1, 2, 4, 5);
        Assert.Equal(1, x.narrow(1, 1, 2).storage_offset());
        Near(x.slice(1, 0, 3, 2), 0, 2, 3, 5);
        Near(x.chunk(3, dim: -1)[2], 2, 5);
        Assert.Equal(2, x.split(2, dim: 1).Length);
        Near(cat([x, x], dim: 1).narrow(0, 0, 1), 0, 1, 2, 0, 1, 2);
        Assert.Equal([2, 2, 3], stack([x, x]).shape);
        Near(x.tril(), 0, 0, 0, 3, 4, 0);
        Near(x.index_select(1, tensor(new long[] { 2, 0 })), 2, 0, 5, 3);
        Near(x.gather(1, tensor(new long[] { 1, 2 }, new long[] { 2, 1 })), 1, 5);
        Near(x.masked_fill(x.gt(2), 9), 0, 1, 2, 9, 9, 9);
        Near(where(x.lt(3), x, -x), 0, 1, 2, -3, -4, -5);
    }

    [Fact]
    public void Reductions_and_comparisons()
    {
        using var scope = NewDisposeScope();
        var x = Matrix(2, 3, 1, -2, 3, 4, 5, -6);
        Assert.Equal(5f, x.sum().item<float>());
        Near(x.sum(1), 2, 3);
        Near(x.sum(new long[] { 0 }, keepdim: true), 5, 3, -3);
        Near(x.mean([1]), 2.0 / 3, 1);
        Assert.Equal(5f / 6, x.mean().item<float>(), 1e-6f);
        Assert.Equal(5f, x.max().item<float>());
        Assert.Equal(-6f, x.min().item<float>());
        Assert.Equal(4L, x.argmax().item<long>());
        Assert.Equal([2, 1], x.argmax(1).Longs());
        Assert.Equal(Math.Sqrt(91), x.norm().item<float>(), 1e-5);
        Assert.Equal(4L, x.gt(0).sum().item<long>());
        Assert.True(x.ne(0).all().item<bool>());
        Assert.False(x.isnan().any().item<bool>());
        Assert.True((x / 0).isinf().all().item<bool>());
        var (values, indices) = topk(x, 2);
        Near(values, 3, 1, 5, 4);
        Assert.Equal([2, 0, 1, 0], indices.Longs());
    }

    [Fact]
    public void Matrices_against_plain_loops()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var (a, b) = (randn(3, 4), randn(4, 2));
        float[] left = a.Floats(), right = b.Floats();
        double[] expected = new double[6];
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 2; j++)
                for (int k = 0; k < 4; k++)
                    expected[(i * 2) + j] += left[(i * 4) + k] * right[(k * 2) + j];
        Near(a.matmul(b), expected);
        Near(nn.functional.linear(a, b.t(), Row(1, -1)), [.. expected.Select((v, i) => v + (i % 2 == 0 ? 1 : -1))]);
        Near(a.unsqueeze(0).bmm(b.unsqueeze(0)), expected);
    }

    [Fact]
    public void Convolution_and_pooling()
    {
        using var scope = NewDisposeScope();
        var x = arange(16, dtype: float32).view(1, 1, 4, 4);
        var kernel = tensor(new float[] { 1, 0, 0, -1 }, new long[] { 1, 1, 2, 2 });
        Near(nn.functional.conv2d(x, kernel, strides: [2, 2]), -5, -5, -5, -5);
        Assert.Equal([1, 1, 5, 5], nn.functional.conv2d(x, kernel, padding: [1, 1]).shape);
        Near(nn.functional.max_pool2d(x, 2), 5, 7, 13, 15);
        Near(nn.functional.avg_pool2d(x, 2), 2.5, 4.5, 10.5, 12.5);
        Near(nn.functional.adaptive_avg_pool2d(x, 1), 7.5);
    }

    [Fact]
    public void Losses()
    {
        using var scope = NewDisposeScope();
        var logits = Matrix(2, 3, 1, 2, 3, 0, 0, 0);
        var target = tensor(new long[] { 2, 0 });
        double first = Math.Log(Math.Exp(1) + Math.Exp(2) + Math.Exp(3)) - 3, second = Math.Log(3);
        Near(nn.functional.cross_entropy(logits, target), (first + second) / 2);
        Near(nn.functional.cross_entropy(logits, target, reduction: nn.Reduction.None), first, second);
        Near(nn.functional.cross_entropy(logits, target, reduction: nn.Reduction.Sum), first + second);
        Near(nn.functional.mse_loss(Row(1, 2), Row(3, 2)), 2);
        Near(logits.softmax(-1).narrow(0, 1, 1), 1.0 / 3, 1.0 / 3, 1.0 / 3);
        Near(logits.log_softmax(1).narrow(0, 0, 1).narrow(1, 2, 1), -first);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Attention_against_plain_loops(bool causal)
    {
        const int Tokens = 4, Width = 3;
        using var scope = NewDisposeScope();
        manual_seed(9);
        var (q, k, v) = (randn([2, 1, Tokens, Width]), randn([2, 1, Tokens, Width]), randn([2, 1, Tokens, Width]));
        float[] qs = q.Floats(), ks = k.Floats(), vs = v.Floats();
        var expected = new double[qs.Length];
        for (int batch = 0; batch < 2; batch++)
        {
            for (int i = 0; i < Tokens; i++)
            {
                int last = causal ? i : Tokens - 1;
                var weights = new double[last + 1];
                for (int j = 0; j <= last; j++)
                {
                    double dot = 0;
                    for (int f = 0; f < Width; f++)
                        dot += qs[At(batch, i, f)] * ks[At(batch, j, f)];
                    weights[j] = Math.Exp(dot / Math.Sqrt(Width));
                }

                for (int j = 0; j <= last; j++)
                    for (int f = 0; f < Width; f++)
                        expected[At(batch, i, f)] += weights[j] / weights.Sum() * vs[At(batch, j, f)];
            }
        }

        Near(nn.functional.scaled_dot_product_attention(q, k, v, is_casual: causal), expected);
        static int At(int batch, int token, int feature) => (((batch * Tokens) + token) * Width) + feature;
    }

    [Fact]
    public void A_mask_says_what_attention_may_see()
    {
        using var scope = NewDisposeScope();
        var x = randn([1, 1, 3, 2]);
        var lower = ones(3, 3).tril();
        var causal = nn.functional.scaled_dot_product_attention(x, x, x, is_casual: true);
        Near(nn.functional.scaled_dot_product_attention(x, x, x, attn_mask: lower.gt(0)), [.. causal.Floats().Select(v => (double)v)]);
    }

    [Fact]
    public void Normalisations()
    {
        using var scope = NewDisposeScope();
        var x = Matrix(1, 4, 1, 2, 3, 4);
        double deviation = Math.Sqrt(1.25 + 1e-5);
        double[] expected = [.. new[] { -1.5, -0.5, 0.5, 1.5 }.Select(v => v / deviation)];
        using var layer = nn.LayerNorm(4);
        Near(layer.call(x), expected);
        using var group = nn.GroupNorm(1, 4);
        Near(group.call(x), expected);
        using var halves = nn.GroupNorm(2, 4);
        double half = 0.5 / Math.Sqrt(0.25 + 1e-5);
        Near(halves.call(x), -half, half, -half, half);
        using var batch = nn.BatchNorm2d(1);
        Near(batch.call(x.view(1, 1, 2, 2)), expected);
        Near(batch.running_mean, 0.25);
    }

    [Fact]
    public void Types_and_copies()
    {
        using var scope = NewDisposeScope();
        var x = Row(1.5f, -2.5f);
        Assert.Equal([1, -2], x.to(int64).Longs());
        Assert.Same(x, x.to(float32));
        Assert.NotSame(x, x.to(float32, copy: true));
        Assert.Equal(ScalarType.Float16, x.to_type(float16).dtype);
        Near(zeros(2).copy_(x), 1.5, -2.5);
        MemoryMarshal.Cast<byte, float>(x.bytes)[0] = 8;
        Near(x, 8, -2.5);
        Assert.Equal(ScalarType.Int64, arange(3).dtype);
        Assert.Equal([2, 4], arange(2, 6, 2).Longs());
        Near(full([2], 3f), 3, 3);
        Assert.Equal([0, 1, 2], randperm(3).Longs().Order());
        Assert.All(randint(5, [100]).Longs(), v => Assert.InRange(v, 0, 4));
        Assert.Equal(1L, multinomial(Row(0, 1, 0), 1).item<long>());
    }
}
