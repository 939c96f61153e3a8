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
    public FlatModel Model()
    {
        manual_seed(1);
        return new(NetworkFactory.Create(Settings, SampleShape, Classes), CPU);
    }

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
