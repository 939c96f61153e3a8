namespace DecentralizedLion.Codecs.LionK;

/// <summary>
/// 𝒦(u) = Σ log(cosh(a·u))/a, a smooth ‖u‖₁: ∇𝒦 = tanh(a·u), and 𝒦* = Σ ((1+y)·log(1+y) + (1−y)·log(1−y))/(2a) where
/// ‖y‖∞ ≤ 1. a is absolute, in the unit of 1/gradient.
/// </summary>
sealed class TanhKappa : Kappa
{
    internal const string Name = "tanh";
    internal const string Allowed = "tanh(a) with 1e-30 <= a <= 1e30";

    /// <summary>The 𝒦 with this slope at 0.</summary>
    /// <param name="slope">a, from 1e-30 to 1e30, in the unit of 1/gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">a is out of these bounds.</exception>
    public TanhKappa(double slope) =>
        Slope = KappaParser.Checked(slope, slope is >= 1e-30 and <= 1e30, Allowed, nameof(slope));

    /// <summary>a.</summary>
    public double Slope { get; }

    /// <inheritdoc/>
    public override string Text => KappaParser.Of(Name, Slope);

    /// <inheritdoc/>
    public override string Problem =>
        "min f(x) + sum((1+λx) log(1+λx) + (1-λx) log(1-λx))/(2aλ) subject to ||x||_inf <= 1/λ";

    /// <inheritdoc/>
    public override double Value(ReadOnlySpan<float> u)
    {
        double sum = 0;
        foreach (var value in u)
            sum += LogCosh(Slope * Math.Abs((double)value));
        return sum / Slope;
    }

    /// <inheritdoc/>
    public override void Gradient(ReadOnlySpan<float> u, Span<float> result)
    {
        Guard.Length(result.Length, u.Length, nameof(result));
        for (var i = 0; i < u.Length; i++)
            result[i] = (float)DeterministicMath.Tanh(Slope * u[i]);
    }

    /// <inheritdoc/>
    public override double Gauge(ReadOnlySpan<float> y) => ExactSum.Largest(y);

    private protected override double Penalty(ReadOnlySpan<float> y, double scale)
    {
        double sum = 0;
        foreach (var value in y)
        {
            var inside = Math.Min(1, Math.Abs(scale * value));
            sum += inside < 1e-3
                ? inside * inside * (1 + (inside * inside / 6))
                : EntropyTerm(1 + inside) + EntropyTerm(1 - inside);
        }

        return sum / (2 * Slope);
    }

    static double EntropyTerm(double value) => value == 0 ? 0 : value * Math.Log(value);

    // Near 0 the difference below would be all rounding: the series to z⁶ is exact to 1e-13 there.
    static double LogCosh(double z)
    {
        var square = z * z;
        return z < 0.02
            ? square * (0.5 - (square * ((1.0 / 12) - (square / 45))))
            : z + Math.Log(1 + Math.Exp(-2 * z)) - Math.Log(2);
    }
}
