using System.Runtime.InteropServices;
using System.Security.Cryptography;
using static TorchSharp.torch;

namespace CustomModel;

/// <summary>Noisy points on three spirals, drawn from a seed, so that all peers have the same.</summary>
sealed class Spirals
{
    readonly float[] points;

    public Spirals(int count, int seed)
    {
        (Count, points) = (count, new float[2 * count]);
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var radius = random.NextSingle();
            var angle = (4 * radius) + (i % 3 * MathF.Tau / 3) + (0.3f * (random.NextSingle() - 0.5f));
            (points[2 * i], points[(2 * i) + 1]) = (radius * MathF.Sin(angle), radius * MathF.Cos(angle));
        }
    }

    public int Count { get; }

    /// <summary>The SHA-256 of the points, by which peers see that they have the same.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(points.AsSpan())));

    /// <summary>Points [n, 2], and the spiral that each lies on [n].</summary>
    public (Tensor Points, Tensor Spirals) Read(long[] samples)
    {
        var values = samples.SelectMany(i => new[] { points[2 * i], points[(2 * i) + 1] }).ToArray();
        return (tensor(values, [samples.Length, 2]).clone(), tensor(samples.Select(i => i % 3).ToArray()).clone());
    }
}
