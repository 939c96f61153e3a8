using DecentralizedLion.Models.Networks;
using static TorchSharp.torch;

namespace DecentralizedLion.Models.Tests.Networks;

public sealed class NetworkTests
{
    [Fact]
    public void Names_and_shapes_of_the_vit_are_PyTorchs()
    {
        using var network = NetworkFactory.Create(new VitSettings(Patch: 4, Width: 6, Depth: 1, Heads: 2), [3, 8, 8], 10);
        string[] expected =
        [
            "pos [1,4,6]", "patch.weight [6,3,4,4]", "patch.bias [6]",
            "blocks.0.n1.weight [6]", "blocks.0.n1.bias [6]", "blocks.0.n2.weight [6]", "blocks.0.n2.bias [6]",
            "blocks.0.qkv.weight [18,6]", "blocks.0.qkv.bias [18]", "blocks.0.out.weight [6,6]", "blocks.0.out.bias [6]",
            "blocks.0.mlp.0.weight [24,6]", "blocks.0.mlp.0.bias [24]", "blocks.0.mlp.2.weight [6,24]", "blocks.0.mlp.2.bias [6]",
            "norm.weight [6]", "norm.bias [6]", "head.weight [10,6]", "head.bias [10]",
        ];
        Assert.Equal(expected, Names(network));
    }

    [Fact]
    public void Names_and_shapes_of_the_gpt_hold_the_tied_weights_once()
    {
        using var network = NetworkFactory.Create(new GptSettings(Context: 5, Width: 4, Depth: 1, Heads: 1), [5], 256);
        var names = Names(network);
        Assert.Equal(["pos [5,4]", "tokens.weight [256,4]"], names[..2]);
        Assert.Equal("norm.bias [4]", names[^1]);
        Assert.DoesNotContain(names, name => name.StartsWith("head", StringComparison.Ordinal));
    }

    [Fact]
    public void Names_and_shapes_of_the_small_ones()
    {
        using var mlp = NetworkFactory.Create(new MlpSettings(Width: 7, Depth: 1), [1, 2, 3], 4);
        Assert.Equal(["layers.1.weight [7,6]", "layers.1.bias [7]", "layers.3.weight [4,7]", "layers.3.bias [4]"], Names(mlp));
        using var convnet = NetworkFactory.Create(new ConvNetSettings(Width: 8, Depth: 1), [3, 8, 8], 4);
        Assert.Equal(
            ["stages.0.conv.weight [8,3,3,3]", "stages.0.norm.weight [8]", "stages.0.norm.bias [8]", "head.weight [4,8]",
                "head.bias [4]"],
            Names(convnet));
    }

    [Fact]
    public void Parameter_counts_are_pinned()
    {
        Assert.Equal(2_693_194, Count(new VitSettings(), [3, 32, 32], 10));
        Assert.Equal(842_496, Count(new GptSettings(), [128], 256));
        Assert.Equal(53_362, Count(new ConvNetSettings(), [1, 28, 28], 10));
        Assert.Equal(94_762, Count(new ConvNetSettings(Width: 32), [3, 32, 32], 10));
        Assert.Equal(269_322, Count(new MlpSettings(), [1, 28, 28], 10));
    }

    [Fact]
    public void A_network_has_the_size_that_is_computed_without_making_it()
    {
        (NetworkSettings Settings, long[] Shape, int Classes)[] cases =
        [
            (new MlpSettings(), [1, 28, 28], 10), (new MlpSettings(Width: 5, Depth: 0), [3, 4, 4], 7),
            (new MlpSettings(Width: 5, Depth: 1), [6], 3), (new ConvNetSettings(Width: 16, Depth: 4), [3, 32, 32], 10),
            (new ConvNetSettings(Width: 8, Depth: 1), [1, 16, 16], 2), (new VitSettings(), [3, 32, 32], 10),
            (new VitSettings(Patch: 2, Width: 6, Depth: 1, Heads: 3), [2, 4, 6], 5), (new GptSettings(), [128], 256),
            (new GptSettings(Context: 9, Width: 4, Depth: 3, Heads: 1), [7], 11),
        ];
        Assert.All(cases, one =>
        {
            using var network = NetworkFactory.Create(one.Settings, one.Shape, one.Classes);
            var made = TiedParameter.Of(network.named_parameters());
            Assert.Equal(new NetworkSize(made.Sum(tied => tied.First.NumberOfElements), made.Count),
                NetworkFactory.Size(one.Settings, one.Shape, one.Classes));
        });
    }

    [Fact]
    public void A_network_with_too_many_parameters_is_refused_before_it_is_made() => Assert.Equal(
        "the network has 270587854858 parameters; allowed are at most 2147483631",
        Assert.Throws<ArgumentException>(() => NetworkFactory.Create(new MlpSettings(65536, 64), [1], 10)).Message);

    [Theory]
    [MemberData(nameof(Cases.Kinds), MemberType = typeof(Cases))]
    public void One_row_of_logits_for_each_prediction(string kind)
    {
        var (_, _, classes) = Cases.Small(kind);
        using var model = Cases.Model(kind);
        var batch = Cases.Batch(kind, 3);
        Assert.Equal(batch.Targets.Length * classes, model.Predict(batch).Length);
    }

    [Fact]
    public void The_gpt_does_not_see_the_future()
    {
        using var model = Cases.Model("gpt");
        var batch = Cases.Batch("gpt", 1);
        float[] before = model.Predict(batch);
        batch.Tokens![4] = (batch.Tokens[4] + 1) % 11;
        float[] after = model.Predict(batch);
        Assert.Equal(before[..(4 * 11)], after[..(4 * 11)]);
        Assert.NotEqual(before[(4 * 11)..], after[(4 * 11)..]);
    }

    [Fact]
    public void The_gpt_takes_fewer_tokens_than_its_context()
    {
        using var model = Cases.Model("gpt");
        long[] tokens = [3, 1];
        Assert.Equal(2 * 11, model.Predict(new() { InputShape = [1, 2], Tokens = tokens, Targets = [] }).Length);
    }

    [Fact]
    public void The_gpt_starts_near_the_uniform_guess()
    {
        using var model = Cases.Model(new GptSettings(Context: 16, Width: 64, Depth: 3, Heads: 4), [16], 256);
        float loss = model.Backward(Cases.Batch([16], 256, 4, seed: 1));
        Assert.InRange(loss, Math.Log(256) - 0.2, Math.Log(256) + 0.2);
    }

    [Fact]
    public void Settings_out_of_range_name_the_field_the_value_and_what_is_allowed()
    {
        long[] image = [3, 32, 32], tokens = [64];
        Refused("model.patch is 5; allowed is a divisor of the images' height, which is 32", new VitSettings(Patch: 5), image);
        Refused("model.patch is 0; allowed is 1 to 32", new VitSettings(Patch: 0), image);
        Refused("model.heads is 5; allowed is a divisor of model.width, which is 192", new VitSettings(Heads: 5), image);
        Refused("model.heads is 0; allowed is 1 to 192", new VitSettings(Heads: 0), image);
        Refused("vit needs images of [channels, height, width]; the data has [64]", new VitSettings(), tokens);
        Refused("gpt needs samples of [tokens]; the data has [3, 32, 32]", new GptSettings(), image);
        Refused("model.context is 32; allowed is 64 (the samples' length) or more", new GptSettings(Context: 32), tokens);
        Refused("model.width is 12; allowed is a multiple of 8", new ConvNetSettings(Width: 12), image);
        Refused("model.depth is 6; allowed is 1 to 5", new ConvNetSettings(Depth: 6), image);
        Refused("model.width is 0; allowed is 1 to 65536", new MlpSettings(Width: 0), image);
        Refused("model.depth is -1; allowed is 0 to 64", new MlpSettings(Depth: -1), image);
        Refused("classes is 1; allowed is 2 to 1048576", new MlpSettings(), image, classes: 1);
    }

    static void Refused(string message, NetworkSettings settings, long[] shape, int classes = 10) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => NetworkFactory.Create(settings, shape, classes)).Message);

    static int Count(NetworkSettings settings, long[] shape, int classes)
    {
        using var model = Cases.Model(settings, shape, classes);
        return model.Count;
    }

    static string[] Names(nn.Module network) =>
        [.. network.named_parameters().Select(p => $"{p.name} [{string.Join(",", p.parameter.shape)}]")];
}
