namespace DecentralizedLion.Codecs.LionK;

/// <summary>
/// 𝒦(u) = Σ over groups G of ‖u_G‖₂: ∇𝒦 = u_G / ‖u_G‖₂, and 𝒦* is 0 where every ‖y_G‖₂ ≤ 1. Groups are so many parameters
/// after one another; the last one may be shorter. Groups of one are <see cref="SignKappa"/>.
/// </summary>
sealed class GroupKappa : Kappa
{
    internal const string Name = "group";
    internal const string Allowed = "group(size) with a whole 1 <= size <= 16777216";

    /// <summary>The 𝒦 with groups of this size.</summary>
    /// <param name="size">Parameters a group, from 1 to 2²⁴.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is out of these bounds.</exception>
    public GroupKappa(int size) => Size = KappaParser.Checked(size, size is >= 1 and <= 1 << 24, Allowed, nameof(size));

    /// <summary>Parameters a group.</summary>
    public int Size { get; }

    /// <inheritdoc/>
    public override string Text => KappaParser.Of(Name, Size);

    /// <inheritdoc/>
    public override string Problem => "min f(x) subject to ||x_G||_2 <= 1/λ for every group G of size parameters";

    /// <inheritdoc/>
    public override double Value(ReadOnlySpan<float> u)
    {
        double sum = 0;
        for (; !u.IsEmpty; u = u[Group(u)..])
            sum += Math.Sqrt(ExactSum.Squares(u[..Group(u)]));
        return sum;
    }

    /// <inheritdoc/>
    public override void Gradient(ReadOnlySpan<float> u, Span<float> result)
    {
        Guard.Length(result.Length, u.Length, nameof(result));
        while (!u.IsEmpty)
        {
            var group = Group(u);
            var norm = Math.Sqrt(ExactSum.Squares(u[..group]));
            for (var i = 0; i < group; i++)
                result[i] = norm == 0 ? 0 : (float)(u[i] / norm);
            u = u[group..];
            result = result[group..];
        }
    }

    /// <inheritdoc/>
    public override double Gauge(ReadOnlySpan<float> y)
    {
        double largest = 0;
        for (; !y.IsEmpty; y = y[Group(y)..])
            largest = Math.Max(largest, Math.Sqrt(ExactSum.Squares(y[..Group(y)])));
        return largest;
    }

    int Group(ReadOnlySpan<float> rest) => Math.Min(Size, rest.Length);
}
