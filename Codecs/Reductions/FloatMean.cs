using System.Numerics;
using System.Runtime.InteropServices;

namespace DecentralizedLion.Codecs.Reductions;

/// <summary>
/// The mean of fp32 vectors, each counted as often as its weight says. A chunk's sum starts at the member at its place and goes
/// on in the view's order, so that all get the same bits in either exchange; then one division.
/// </summary>
sealed class FloatMean : FloatReduction
{
    /// <inheritdoc/>
    public override void Add(PartialSum sum, PartialSum ballot, Span<ulong> planes, Span<ulong> zeros)
    {
        ReadOnlySpan<float> a = Of(sum.Planes), b = Of(ballot.Planes);
        Span<float> result = Of(planes);
        Guard.Length(b.Length, a.Length, nameof(ballot));
        Guard.Length(result.Length, a.Length, nameof(planes));
        if (sum.Total.Factor != 1 || ballot.Total.Votes != 1)
        {
            AddWeighted(a, sum.Total.Factor, b, ballot.Total.Votes, result);
            return;
        }
        ReadOnlySpan<Vector<float>> va = MemoryMarshal.Cast<float, Vector<float>>(a),
            vb = MemoryMarshal.Cast<float, Vector<float>>(b);
        Span<Vector<float>> vr = MemoryMarshal.Cast<float, Vector<float>>(result);
        for (int i = 0; i < vr.Length; i++)
            vr[i] = va[i] + vb[i];
        for (int i = vr.Length * Vector<float>.Count; i < result.Length; i++)
            result[i] = a[i] + b[i];
    }

    /// <inheritdoc/>
    protected override float AggregateMagnitudeMax(int votes) => votes == 0 ? 0 : SumMagnitudeMax(1);

    /// <inheritdoc/>
    public override bool Complete(PartialSum whole, RangeContext context, Span<ulong> planes, Span<ulong> zeros)
    {
        if (whole.Ballots == 0)
        {
            planes.Clear();
            return false;
        }
        ReadOnlySpan<float> sum = Of(whole.Planes);
        Span<float> mean = Of(planes);
        Guard.Length(sum.Length, mean.Length, nameof(whole));
        float votes = whole.Counted;
        for (int i = 0; i < mean.Length; i++)
            mean[i] = sum[i] / votes;
        return false;
    }

    // Two products and a sum, each rounded.
    static void AddWeighted(ReadOnlySpan<float> a, float factor, ReadOnlySpan<float> b, float weight, Span<float> result)
    {
        ReadOnlySpan<Vector<float>> va = MemoryMarshal.Cast<float, Vector<float>>(a),
            vb = MemoryMarshal.Cast<float, Vector<float>>(b);
        Span<Vector<float>> vr = MemoryMarshal.Cast<float, Vector<float>>(result);
        for (int i = 0; i < vr.Length; i++)
        {
            Vector<float> left = va[i] * factor, right = vb[i] * weight;
            vr[i] = left + right;
        }
        for (int i = vr.Length * Vector<float>.Count; i < result.Length; i++)
        {
            float left = a[i] * factor, right = b[i] * weight;
            result[i] = left + right;
        }
    }
}
