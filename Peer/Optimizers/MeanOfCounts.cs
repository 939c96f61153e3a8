using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Kernels;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>x ← x·decay − scale·(2p + a − V)/V.</summary>
static class MeanOfCounts
{
    /// <param name="weights">x, d values.</param>
    /// <param name="counts">Planes of the counts p, or of the sums 2p + a.</param>
    /// <param name="voters">V.</param>
    /// <param name="sums">Whether they are sums.</param>
    /// <param name="scale">What a unanimous +1 moves.</param>
    /// <param name="decay">1 − lr·λ.</param>
    public static void Apply(Span<float> weights, ReadOnlySpan<ulong> counts, int voters, bool sums, float scale, float decay)
    {
        Span<float> table = stackalloc float[AverageKernel.TableLength(voters, sums)];
        AverageKernel.FillTable(scale, voters, sums, table);
        AverageKernel.Apply(weights, counts, BitPlanes.Width(sums ? 2 * voters : voters), table, decay);
    }
}
