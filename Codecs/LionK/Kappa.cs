namespace DecentralizedLion.Codecs.LionK;

/// <summary>
/// A convex, even function 𝒦 of d numbers with 𝒦(0) = 0, whose (sub)gradient is the direction of a step: the family Lion-𝒦 of
/// <i>Lion Secretly Solves Constrained Optimization: As Lyapunov Predicts</i> (arXiv 2310.05898). The step
/// x ← x·(1 − lr·λ) − lr·∇𝒦(β1·m + (1−β1)·g) minimises f(x) + 𝒦*(λx)/λ, where 𝒦* is the convex conjugate: its domain is a
/// constraint on x, its value there a penalty. Lion is 𝒦 = ‖·‖₁. Inputs must be finite.
/// </summary>
abstract class Kappa
{
    /// <summary>
    /// The distance outside of 𝒦*'s domain up to which a point counts as inside, as a fraction of the domain's size: gradients
    /// and weights are fp32, and their roundings (6·10⁻⁸ each) must not make a penalty infinite.
    /// </summary>
    public const double Tolerance = 1e-6;

    private protected Kappa()
    {
    }

    /// <summary>Lion's own: 𝒦 = ‖·‖₁.</summary>
    public static Kappa Sign { get; } = new SignKappa();

    /// <summary>The 𝒦 as the settings name it, with every digit: <see cref="Parse"/> of it makes an equal one.</summary>
    public abstract string Text { get; }

    /// <summary>The problem that training with it minimises, f being the loss and λ the weight decay: for people to
    /// read.</summary>
    public abstract string Problem { get; }

    /// <summary>True when its gradients have no values but −1, 0 and +1, so that <see cref="PackSigns"/> can cast them.</summary>
    public virtual bool IsTernary => false;

    /// <summary>
    /// A 𝒦 by its text: <c>sign</c>, <c>lp(p)</c>, <c>huber(e)</c>, <c>soft-threshold(t)</c>, <c>top-k(fraction)</c>,
    /// <c>group(size)</c> or <c>tanh(a)</c>.
    /// </summary>
    /// <param name="text">The text; spaces around it and around the number are allowed.</param>
    /// <exception cref="KappaException">There is no such 𝒦, or its number is missing or out of bounds.</exception>
    public static Kappa Parse(string text) => KappaParser.Parse(text);

    /// <summary>𝒦(u), at least 0. For people to read: its last bits may depend on the machine.</summary>
    /// <param name="u">d values.</param>
    public abstract double Value(ReadOnlySpan<float> u);

    /// <summary>
    /// ∇𝒦(u), a subgradient where there are several, 0 where u is 0. Equal bits on every machine: nothing but IEEE
    /// operations, in the order of the parameters (docs/architecture.md#equal-bits).
    /// </summary>
    /// <param name="u">d values.</param>
    /// <param name="result">Receives d values, each within ±1; may be <paramref name="u"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="result"/> has another length.</exception>
    public abstract void Gradient(ReadOnlySpan<float> u, Span<float> result);

    /// <summary>
    /// The smallest r ≥ 0 with y in r·dom 𝒦*: a norm, at most 1 exactly in the domain, and at most 1 for every gradient.
    /// So gauge(x) − 1/λ shrinks by 1 − lr·λ a step while it is positive (arXiv 2310.05898, phase 1).
    /// </summary>
    /// <param name="y">d values.</param>
    public abstract double Gauge(ReadOnlySpan<float> y);

    /// <summary>
    /// 𝒦*(s·y) = max over u of ⟨u, s·y⟩ − 𝒦(u): at least 0, and <see cref="double.PositiveInfinity"/> where
    /// |s|·<see cref="Gauge"/>(y) is more than 1 + <see cref="Tolerance"/>. For people to read, like <see cref="Value"/>.
    /// </summary>
    /// <param name="y">d values.</param>
    /// <param name="scale">s: λ for weights, so that no scaled copy of them is needed.</param>
    public double Conjugate(ReadOnlySpan<float> y, double scale = 1) =>
        Math.Abs(scale) * Gauge(y) <= 1 + Tolerance ? Penalty(y, scale) : double.PositiveInfinity;

    /// <summary>Packs ∇𝒦(u) as a ballot: bit i of word w is parameter 64·w + i, and bits beyond the last are 0.</summary>
    /// <param name="u">d values.</param>
    /// <param name="signs">Receives 1 where the gradient is +1: ⌈d/64⌉ words.</param>
    /// <param name="zeros">Receives 1 where it is 0: ⌈d/64⌉ words.</param>
    /// <returns>Whether any value is 0.</returns>
    /// <exception cref="NotSupportedException">It is not <see cref="IsTernary"/>.</exception>
    /// <exception cref="ArgumentException">A span's length does not match u's.</exception>
    public virtual bool PackSigns(ReadOnlySpan<float> u, Span<ulong> signs, Span<ulong> zeros) =>
        throw new NotSupportedException($"{Text} has gradients other than -1, 0 and +1, which no ballot can hold.");

    /// <inheritdoc cref="Text"/>
    public sealed override string ToString() => Text;

    /// <summary>𝒦*(s·y) for s·y in its domain: 0 where 𝒦 is a norm.</summary>
    private protected virtual double Penalty(ReadOnlySpan<float> y, double scale) => 0;
}
