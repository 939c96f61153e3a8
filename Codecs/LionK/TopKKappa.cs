namespace DecentralizedLion.Codecs.LionK;

/// <summary>
/// 𝒦(u) = the sum of the k largest |u|: ∇𝒦 = sign(u) for these, the lowest index first among equals, else 0, and 𝒦* is 0
/// where ‖y‖∞ ≤ 1 and ‖y‖₁ ≤ k (arXiv 2310.05898, table of 𝒦s). k = fraction·d, rounded, and at least 1. The majority of
/// several such ballots may move more than k weights: then only the bound ‖x‖∞ ≤ 1/λ is sure.
/// </summary>
sealed class TopKKappa : TernaryKappa
{
    internal const string Name = "top-k";
    internal const string Allowed = "top-k(fraction) with 0 < fraction <= 1";

    /// <summary>The 𝒦 with this fraction.</summary>
    /// <param name="fraction">k/d, above 0 and at most 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is out of these bounds.</exception>
    public TopKKappa(double fraction) =>
        Fraction = KappaParser.Checked(fraction, fraction is > 0 and <= 1, Allowed, nameof(fraction));

    /// <summary>The fraction of all parameters that move in a step.</summary>
    public double Fraction { get; }

    /// <inheritdoc/>
    public override string Text => KappaParser.Of(Name, Fraction);

    /// <inheritdoc/>
    public override string Problem => "min f(x) subject to ||x||_inf <= 1/λ and ||x||_1 <= k/λ, k = fraction d";

    /// <summary>k for a number of parameters: fraction·d to the nearest, half upwards, at least 1; 0 of none.</summary>
    /// <param name="parameters">d.</param>
    public int Count(int parameters) =>
        parameters == 0 ? 0 : Math.Max(1, (int)Math.Floor((Fraction * parameters) + 0.5));

    /// <inheritdoc/>
    public override double Value(ReadOnlySpan<float> u)
    {
        var (cut, ties) = Cut(u);
        double sum = 0;
        foreach (var value in u)
            if (Above(value, cut, ref ties))
                sum += Math.Abs((double)value);
        return sum;
    }

    /// <inheritdoc/>
    public override double Gauge(ReadOnlySpan<float> y) =>
        y.IsEmpty ? 0 : Math.Max(ExactSum.Largest(y), ExactSum.Magnitudes(y) / Count(y.Length));

    private protected override (uint Magnitude, int Ties) Cut(ReadOnlySpan<float> u) =>
        TopKThreshold.Cut(u, Count(u.Length));
}
