using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Networks;
using static TorchSharp.torch;

namespace DecentralizedLion.Models.Tests.Networks;

/// <summary>Small networks of each kind and batches that fit them.</summary>
static class Cases
{
    public static TheoryData<string> Kinds => ["mlp", "convnet", "vit", "gpt"];

    public static (NetworkSettings Settings, long[] Shape, int Classes) Small(string kind) => kind switch
    {
        "mlp" => (new MlpSettings(Width: 12, Depth: 1), [1, 4, 4], 5),
        "convnet" => (new ConvNetSettings(Width: 8, Depth: 2), [2, 8, 8], 5),
        "vit" => (new VitSettings(Patch: 2, Width: 8, Depth: 2, Heads: 2), [3, 4, 4], 5),
        _ => (new GptSettings(Context: 6, Width: 8, Depth: 2, Heads: 2), [6], 11),
    };

    public static FlatModel Model(string kind, long seed = 1)
    {
        var (settings, shape, classes) = Small(kind);
        return Model(settings, shape, classes, seed);
    }

    public static FlatModel Model(NetworkSettings settings, long[] shape, int classes, long seed = 1)
    {
        manual_seed(seed);
        return new(NetworkFactory.Create(settings, shape, classes), CPU);
    }

    public static Batch Batch(string kind, int size, int seed = 7)
    {
        var (_, shape, classes) = Small(kind);
        return Batch(shape, classes, size, seed);
    }

    public static Batch Batch(long[] shape, int classes, int size, int seed)
    {
        var random = new Random(seed);
        long elements = size * shape.Aggregate(1L, (a, b) => a * b);
        bool tokens = shape.Length == 1;
        long[] inputShape = [size, .. shape];
        long[] targets = [.. Enumerable.Range(0, tokens ? (int)elements : size).Select(_ => random.NextInt64(classes))];
        return tokens
            ? new()
            {
                InputShape = inputShape,
                Tokens = [.. Enumerable.Range(0, (int)elements).Select(_ => random.NextInt64(classes))],
                Targets = targets,
            }
            : new()
            {
                InputShape = inputShape,
                Images = [.. Enumerable.Range(0, (int)elements).Select(_ => (random.NextSingle() * 2) - 1)],
                Targets = targets,
            };
    }
}
