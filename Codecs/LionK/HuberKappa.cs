namespace DecentralizedLion.Codecs.LionK;

/// <summary>
/// 𝒦(u) = Σ of u²/(2e) where |u| ≤ e, else |u| − e/2: ∇𝒦 = clip(u/e, −1, 1), and 𝒦* = e/2·‖y‖₂² where ‖y‖∞ ≤ 1
/// (arXiv 2310.05898, table of 𝒦s). e is absolute, in the unit of the gradient.
/// </summary>
sealed class HuberKappa : Kappa
{
    internal const string Name = "huber";
    internal const string Allowed = "huber(e) with 1e-30 <= e <= 1e30";

    /// <summary>The 𝒦 with this width.</summary>
    /// <param name="width">e, from 1e-30 to 1e30, in the unit of the gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">e is out of these bounds.</exception>
    public HuberKappa(double width) =>
        Width = KappaParser.Checked(width, width is >= 1e-30 and <= 1e30, Allowed, nameof(width));

    /// <summary>e.</summary>
    public double Width { get; }

    /// <inheritdoc/>
    public override string Text => KappaParser.Of(Name, Width);

    /// <inheritdoc/>
    public override string Problem => "min f(x) + eλ/2 ||x||_2^2 subject to ||x||_inf <= 1/λ";

    /// <inheritdoc/>
    public override double Value(ReadOnlySpan<float> u)
    {
        double sum = 0;
        foreach (var value in u)
        {
            var magnitude = Math.Abs((double)value);
            sum += magnitude <= Width ? magnitude * magnitude / (2 * Width) : magnitude - (Width / 2);
        }

        return sum;
    }

    /// <inheritdoc/>
    public override void Gradient(ReadOnlySpan<float> u, Span<float> result)
    {
        Guard.Length(result.Length, u.Length, nameof(result));
        for (var i = 0; i < u.Length; i++)
            result[i] = (float)Math.Clamp(u[i] / Width, -1, 1);
    }

    /// <inheritdoc/>
    public override double Gauge(ReadOnlySpan<float> y) => ExactSum.Largest(y);

    private protected override double Penalty(ReadOnlySpan<float> y, double scale) =>
        Width / 2 * scale * scale * ExactSum.Squares(y);
}
