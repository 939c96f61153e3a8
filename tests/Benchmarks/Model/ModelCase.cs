using DecentralizedLion.Models;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Networks;
using static TorchSharp.torch;

namespace DecentralizedLion.Benchmarks.Model;

/// <summary>A network of which a step is timed.</summary>
/// <param name="Kind">Its name, also for the Python script.</param>
/// <param name="Settings">Its size.</param>
/// <param name="Batch">Samples a step.</param>
/// <param name="SampleShape">Of an image or of a row of tokens.</param>
/// <param name="Classes">Classes, or the size of the vocabulary.</param>
/// <param name="Sizes">Width, depth and heads, for the Python script.</param>
sealed record ModelCase(string Kind, NetworkSettings Settings, int Batch, long[] SampleShape, int Classes, string Sizes)
{
    /// <summary>A ViT of 2.7 million parameters for images of 32 × 32, with mini-batches of 32.</summary>
    public static ModelCase Vit { get; } =
        new("vit", new VitSettings(Patch: 4, Width: 192, Depth: 6, Heads: 6), 32, [3, 32, 32], Classes: 10, "192 6 6");

    /// <summary>A GPT of 0.8 million parameters for bytes, with mini-batches of 16 rows of 128.</summary>
    public static ModelCase Gpt { get; } =
        new("gpt", new GptSettings(Context: 128, Width: 128, Depth: 4, Heads: 4), 16, [128], Classes: 256, "128 4 4");

    /// <summary>The network with the initial weights of seed 1.</summary>
    public nn.Module<Tensor, Tensor> Network()
    {
        manual_seed(1);
        return NetworkFactory.Create(Settings, SampleShape, Classes);
    }

    public FlatModel Model() => new(Network(), CPU);

    public Batch Draw()
    {
        var random = new Random(1);
        long[] shape = [Batch, .. SampleShape];
        int values = (int)shape.Aggregate(1L, (a, b) => a * b);
        bool tokens = SampleShape.Length == 1;
        return new()
        {
            InputShape = shape,
            Images = tokens ? null : [.. Enumerable.Range(0, values).Select(_ => (random.NextSingle() * 4) - 2)],
            Tokens = tokens ? [.. Enumerable.Range(0, values).Select(_ => random.NextInt64(Classes))] : null,
            Targets = [.. Enumerable.Range(0, tokens ? values : Batch).Select(_ => random.NextInt64(Classes))],
        };
    }
}
