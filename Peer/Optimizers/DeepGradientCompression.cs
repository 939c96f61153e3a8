using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>
/// Deep gradient compression (Lin et al., arXiv 1712.01887): u ← 0.9·u + g, v ← v + u; the entries of largest |v| are sent, and u
/// (momentum factor masking) and v are zero there. While it warms up, more is sent: 25 % at first, less in four equal stages.
/// </summary>
/// <param name="parameters">d.</param>
/// <param name="self">This peer's roster index.</param>
/// <param name="keep">The share that is sent after the warm-up, 0.04 in arXiv 2404.00438.</param>
/// <param name="warmup">Steps of the warm-up; 0 for none.</param>
sealed class DeepGradientCompression(int parameters, int self, double keep, long warmup) : TopKOptimizer(parameters, self)
{
    const float Momentum = 0.9f;
    const double First = 0.25;
    const int Stages = 4;

    readonly StateVector u = new("velocity", new float[parameters], IsTransferable: false);
    readonly StateVector v = new("accumulated", new float[parameters], IsTransferable: false);

    public override IReadOnlyList<StateVector> LocalState => [u, v];

    protected override double Density(long step)
    {
        if (step > warmup || keep >= First)
            return keep;
        var stage = (step - 1) * Stages / warmup;                       // in even parts of the exponent
        var share = First;
        for (var i = 0; i < stage; i++)
            share *= Math.Sqrt(Math.Sqrt(keep / First));
        return share;
    }

    protected override ReadOnlySpan<float> Accumulate(ReadOnlySpan<float> gradient)
    {
        var (momentum, sum) = (u.Values, v.Values);
        for (var i = 0; i < sum.Length; i++)
        {
            momentum[i] = FloatReduction.Bounded((Momentum * momentum[i]) + gradient[i]);
            sum[i] = FloatReduction.Bounded(sum[i] + momentum[i]);
        }
        return sum;
    }

    protected override void ClearSent(int index) => u.Values[index] = v.Values[index] = 0;
}
