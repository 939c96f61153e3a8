namespace DecentralizedLion.Codecs.LionK;

/// <summary>
/// 𝒦(u) = ‖u‖_p: ∇𝒦 = sign(u)·|u|^(p−1) / ‖u‖_p^(p−1), and 𝒦* is 0 where ‖y‖_q ≤ 1, 1/p + 1/q = 1 (arXiv 2310.05898, table
/// of 𝒦s). Values are divided by the largest before they are raised, so that no sum overflows.
/// </summary>
sealed class LpKappa : Kappa
{
    internal const string Name = "lp";
    internal const string Allowed = "lp(p) with 1 < p <= 64";

    /// <summary>The 𝒦 with this power.</summary>
    /// <param name="power">p, above 1 and at most 64.</param>
    /// <exception cref="ArgumentOutOfRangeException">p is out of these bounds.</exception>
    public LpKappa(double power) => Power = KappaParser.Checked(power, power is > 1 and <= 64, Allowed, nameof(power));

    /// <summary>p.</summary>
    public double Power { get; }

    /// <inheritdoc/>
    public override string Text => KappaParser.Of(Name, Power);

    /// <inheritdoc/>
    public override string Problem => "min f(x) subject to ||x||_q <= 1/λ, q = p/(p-1)";

    /// <inheritdoc/>
    public override double Value(ReadOnlySpan<float> u) => Norm(u, Power);

    /// <inheritdoc/>
    public override void Gradient(ReadOnlySpan<float> u, Span<float> result)
    {
        Guard.Length(result.Length, u.Length, nameof(result));
        var largest = ExactSum.Largest(u);
        if (largest == 0)
        {
            result.Clear();
            return;
        }

        double sum = 0;
        for (var i = 0; i < u.Length; i++)
        {
            var ratio = Math.Abs(u[i]) / largest;
            var raised = DeterministicMath.Pow(ratio, Power - 1);
            sum += raised * ratio;
            result[i] = (float)(u[i] < 0 ? -raised : raised);
        }

        // ‖u‖_p^(p−1), of the divided values; at least 1.
        var norm = DeterministicMath.Pow(sum, (Power - 1) / Power);
        for (var i = 0; i < result.Length; i++)
            result[i] = (float)(result[i] / norm);
    }

    /// <inheritdoc/>
    public override double Gauge(ReadOnlySpan<float> y) => Norm(y, Power / (Power - 1));

    static double Norm(ReadOnlySpan<float> values, double power)
    {
        var largest = ExactSum.Largest(values);
        if (largest == 0)
            return 0;
        double sum = 0;
        foreach (var value in values)
            sum += DeterministicMath.Pow(Math.Abs(value) / largest, power);
        return largest * DeterministicMath.Pow(sum, 1 / power);
    }
}
