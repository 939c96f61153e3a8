using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>
/// Gradient dropping (Aji and Heafield, arXiv 1704.05021): r ← r + g; the entries of largest |r| are sent, and r is zero there.
/// </summary>
/// <param name="parameters">d.</param>
/// <param name="self">This peer's roster index.</param>
/// <param name="keep">The share that is sent, 0.04 in arXiv 2404.00438.</param>
sealed class GradientDropping(int parameters, int self, double keep) : TopKOptimizer(parameters, self)
{
    readonly StateVector residual = new("residual", new float[parameters], IsTransferable: false);

    public override IReadOnlyList<StateVector> LocalState => [residual];

    protected override double Density(long step) => keep;

    protected override ReadOnlySpan<float> Accumulate(ReadOnlySpan<float> gradient)
    {
        var r = residual.Values;
        for (var i = 0; i < r.Length; i++)
            r[i] = FloatReduction.Bounded(r[i] + gradient[i]);
        return r;
    }

    protected override void ClearSent(int index) => residual.Values[index] = 0;
}
