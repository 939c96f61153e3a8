namespace DecentralizedLion.Codecs.LionK;

/// <summary>
/// 𝒦(u) = ‖u‖₁, Lion itself: ∇𝒦 = sign(u), and 𝒦* is 0 where ‖y‖∞ ≤ 1 (arXiv 2310.05898). An exact zero abstains.
/// </summary>
sealed class SignKappa : TernaryKappa
{
    internal const string Name = "sign";

    /// <inheritdoc/>
    public override string Text => Name;

    /// <inheritdoc/>
    public override string Problem => "min f(x) subject to ||x||_inf <= 1/λ";

    /// <inheritdoc/>
    public override double Value(ReadOnlySpan<float> u) => ExactSum.Magnitudes(u);

    /// <inheritdoc/>
    public override double Gauge(ReadOnlySpan<float> y) => ExactSum.Largest(y);

    private protected override (uint Magnitude, int Ties) Cut(ReadOnlySpan<float> u) => (0, 0);
}
