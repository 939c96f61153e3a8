namespace DecentralizedLion.Codecs.LionK;

/// <summary>
/// 𝒦(u) = Σ max(0, |u| − t): ∇𝒦 = sign(u) where |u| &gt; t, else 0, and 𝒦* = t·‖y‖₁ where ‖y‖∞ ≤ 1 (arXiv 2310.05898,
/// table of 𝒦s). Small updates abstain, and the weights get an ℓ1 penalty. t is absolute, in the unit of the gradient: a t that
/// followed the size of the gradients would give another 𝒦 at every step, and so no fixed problem to solve. When the loss is
/// scaled, scale t by the same factor; the RMS of a run's momentum shows which values are small.
/// </summary>
sealed class SoftThresholdKappa : TernaryKappa
{
    internal const string Name = "soft-threshold";
    internal const string Allowed = "soft-threshold(t) with 1e-30 <= t <= 1e30";

    /// <summary>The 𝒦 with this threshold.</summary>
    /// <param name="threshold">t, from 1e-30 to 1e30, in the unit of the gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">t is out of these bounds.</exception>
    public SoftThresholdKappa(float threshold) =>
        Threshold = KappaParser.Checked(threshold, threshold is >= 1e-30f and <= 1e30f, Allowed, nameof(threshold));

    /// <summary>t.</summary>
    public float Threshold { get; }

    /// <inheritdoc/>
    public override string Text => KappaParser.Of(Name, Threshold);

    /// <inheritdoc/>
    public override string Problem => "min f(x) + t ||x||_1 subject to ||x||_inf <= 1/λ";

    /// <inheritdoc/>
    public override double Value(ReadOnlySpan<float> u)
    {
        double sum = 0;
        foreach (var value in u)
            sum += Math.Max(0, Math.Abs((double)value) - Threshold);
        return sum;
    }

    /// <inheritdoc/>
    public override double Gauge(ReadOnlySpan<float> y) => ExactSum.Largest(y);

    private protected override double Penalty(ReadOnlySpan<float> y, double scale) =>
        Threshold * Math.Abs(scale) * ExactSum.Magnitudes(y);

    private protected override (uint Magnitude, int Ties) Cut(ReadOnlySpan<float> u) => (Magnitude(Threshold), 0);
}
