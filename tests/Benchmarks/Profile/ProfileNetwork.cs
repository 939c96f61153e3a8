using DecentralizedLion.Benchmarks.Model;
using DecentralizedLion.Models.Networks;

namespace DecentralizedLion.Benchmarks.Profile;

/// <summary>The networks of the measurement of a step's parts: GPTs of several sizes with little to compute, one sample of 64
/// tokens a step.</summary>
static class ProfileNetwork
{
    const int Context = 64, Bytes = 256;

    /// <summary>The network of so many millions of parameters: 1, 10 or 100.</summary>
    public static ModelCase Of(int millions) => millions switch
    {
        1 => Gpt(128, 5, 4),
        10 => Gpt(384, 6, 6),
        100 => Gpt(768, 14, 12),
        _ => throw new ArgumentException($"--millions: found {millions}; allowed are 1, 10 and 100, separated by commas"),
    };

    static ModelCase Gpt(int width, int depth, int heads) =>
        new("gpt", new GptSettings(Context, width, depth, heads), 1, [Context], Bytes, $"{width} {depth} {heads}");
}
