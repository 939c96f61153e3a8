using DecentralizedLion.Models.Networks;
using static TorchSharp.torch;

namespace DecentralizedLion.Models.Tests.Networks;

public sealed class InitialWeightsTests
{
    [Theory]
    [MemberData(nameof(Cases.Kinds), MemberType = typeof(Cases))]
    public void Networks_made_in_memory_full_of_NaN_have_none(string kind)
    {
        var (settings, shape, classes) = Cases.Small(kind);
        using var first = NetworkFactory.Create(settings, shape, classes);
        for (int i = 0; i < 20; i++)
        {
            FillFreeMemory([.. first.parameters().Select(p => p.NumberOfElements)]);
            using var model = Cases.Model(kind);
            foreach (var slice in model.Layout)
                Assert.All(Of(model, slice.Name), x => Assert.True(float.IsFinite(x), slice.Name));
        }
    }

    [Theory]
    [MemberData(nameof(Cases.Kinds), MemberType = typeof(Cases))]
    public void Every_parameter_is_drawn_anew_by_the_seed_alone(string kind)
    {
        using var network = Network(kind, seed: 9);
        float[] expected = Values(network);
        using (no_grad())
        {
            foreach (var parameter in network.parameters())
                parameter.fill_(float.NaN);
        }

        InitialWeights.Draw(network);
        Assert.All(Values(network), x => Assert.True(float.IsFinite(x)));
        using var again = Network(kind, seed: 9);
        Assert.Equal(expected, Values(again));
    }

    [Fact]
    public void Norms_begin_with_one_and_zero_layers_within_the_bound_of_their_inputs()
    {
        using var model = Cases.Model(new ConvNetSettings(Width: 32, Depth: 2), [3, 8, 8], 10);
        Assert.All(Of(model, "stages.1.norm.weight"), x => Assert.Equal(1f, x));
        Assert.All(Of(model, "stages.1.norm.bias"), x => Assert.Equal(0f, x));
        Spread(Of(model, "stages.1.conv.weight"), 1 / Math.Sqrt(32 * 3 * 3));
        Spread(Of(model, "head.weight"), 1 / Math.Sqrt(64));
        Assert.All(Of(model, "head.bias"), x => Assert.InRange(Math.Abs(x), 0, 1 / 8f));

        static void Spread(float[] values, double bound)
        {
            Assert.All(values, x => Assert.InRange(Math.Abs(x), 0, (float)bound));
            // The mean square of a uniform distribution is a third of its bound's.
            Assert.InRange(values.Average(x => (double)x * x) * 3 / (bound * bound), 0.8, 1.2);
        }
    }

    [Fact]
    public void The_gpt_begins_with_small_weights_and_smaller_ones_into_the_residual_stream()
    {
        using var model = Cases.Model(new GptSettings(Context: 16, Width: 64, Depth: 2, Heads: 4), [16], 64);
        Assert.InRange(Deviation("tokens.weight"), 0.019, 0.021);
        Assert.InRange(Deviation("pos"), 0.018, 0.022);
        Assert.InRange(Deviation("blocks.1.qkv.weight"), 0.019, 0.021);
        Assert.InRange(Deviation("blocks.1.out.weight"), 0.0095, 0.0105);
        Assert.InRange(Deviation("blocks.0.mlp.2.weight"), 0.0095, 0.0105);
        Assert.All(Of(model, "blocks.0.mlp.0.bias"), x => Assert.Equal(0f, x));
        Assert.All(Of(model, "norm.weight"), x => Assert.Equal(1f, x));

        double Deviation(string name) => Math.Sqrt(Of(model, name).Average(x => (double)x * x));
    }

    [Fact]
    public void A_layer_without_a_rule_is_refused()
    {
        using var network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2));
        var error = Assert.Throws<InvalidOperationException>(() => InitialWeights.Draw(network));
        Assert.Equal("parameter 1.weight has no initial value: no rule for a BatchNorm1d", error.Message);
    }

    /// <summary>Fills the memory that the allocator hands out next, in the sizes at hand, with NaN.</summary>
    static void FillFreeMemory(long[] sizes)
    {
        var held = new List<Tensor>();
        foreach (long size in sizes)
        {
            for (int i = 0; i < 50; i++)
                held.Add(full(new[] { size }, float.NaN));
        }

        held.ForEach(tensor => tensor.Dispose());
    }

    static nn.Module<Tensor, Tensor> Network(string kind, long seed)
    {
        var (settings, shape, classes) = Cases.Small(kind);
        manual_seed(seed);
        return NetworkFactory.Create(settings, shape, classes);
    }

    static float[] Values(nn.Module network) => [.. network.parameters().SelectMany(FlatModelTests.Values)];

    static float[] Of(FlatModel model, string name)
    {
        var slice = Assert.Single(model.Layout, slice => slice.Name == name);
        return model.Weights.Slice(slice.Offset, slice.Length).ToArray();
    }
}
