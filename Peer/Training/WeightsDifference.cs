using System.Globalization;
using System.Runtime.InteropServices;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Vectors;

namespace DecentralizedLion.Peer.Training;

/// <summary>A copy of weights that were found to differ from the majority's: when the replica is at their step again, it tells
/// which tensors were wrong.</summary>
/// <param name="step">The step they were at.</param>
/// <param name="weights">The wrong weights; copied.</param>
sealed class WeightsDifference(long step, FlatVector weights)
{
    readonly float[] wrong = Copy(weights);

    public long Step => step;

    /// <summary>A sentence that names the tensors and says how many of their values differ, bit for bit.</summary>
    /// <param name="right">The weights after the same step, as all others have them.</param>
    /// <param name="layout">The tensors.</param>
    public string Compare(FlatVector right, IReadOnlyList<ParameterSlice> layout)
    {
        float[] buffer = [];
        var differing = new List<string>();
        foreach (var slice in layout)
        {
            var count = Differing(wrong.AsSpan(slice.Offset, slice.Length), right.Peek(slice.Offset, slice.Length, ref buffer));
            if (count > 0)
                differing.Add(string.Create(CultureInfo.InvariantCulture, $"{slice.Name} ({count} of {slice.Length} values)"));
        }
        return differing.Count == 0
            ? $"after step {Step} this peer's weights are unchanged by the repair; the difference was not in them"
            : $"after step {Step} this peer's weights were wrong in {string.Join(", ", differing)}; they are repaired";
    }

    static float[] Copy(FlatVector weights)
    {
        var copy = new float[weights.Length];
        weights.Read(0, copy);
        return copy;
    }

    static int Differing(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var x = MemoryMarshal.Cast<float, uint>(a);
        var y = MemoryMarshal.Cast<float, uint>(b);
        var count = 0;
        for (var at = x.CommonPrefixLength(y); at < x.Length; at++)
            if (x[at] != y[at])
                count++;
        return count;
    }
}
