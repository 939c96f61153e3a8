using DecentralizedLion.Codecs.Kernels;

namespace DecentralizedLion.Codecs.LionK;

/// <summary>
/// The quantities that theory lets a trainer show (<i>Lion Secretly Solves Constrained Optimization: As Lyapunov Predicts</i>,
/// arXiv 2310.05898): the weights' distance from the constraint set and from a solution, and the function that falls on the way
/// there. x are the weights, g is the gradient ∇f(x) itself, λ the weight decay. All in double, summed in the order of the
/// parameters; for people to read, not for replicas.
/// </summary>
static class LionTheory
{
    /// <summary>
    /// max(0, ‖x‖∞ − 1/λ). It shrinks by 1 − lr·λ a step, at least, whatever the votes are: every step has ‖Δ‖∞ ≤ 1.
    /// </summary>
    /// <param name="x">d weights.</param>
    /// <param name="weightDecay">λ ≥ 0; without it there is no box, and the distance is 0.</param>
    /// <returns>In the unit of the weights.</returns>
    /// <exception cref="ArgumentOutOfRangeException">λ is negative or NaN.</exception>
    public static double BoxDistance(ReadOnlySpan<float> x, double weightDecay) => Distance(Kappa.Sign, x, weightDecay);

    /// <summary>
    /// max(0, gauge(x) − 1/λ), 0 exactly where 𝒦*(λx) is finite. It shrinks by 1 − lr·λ a step, at least, when steps are
    /// 𝒦's gradients or means of them; a majority of ballots keeps only to <see cref="BoxDistance"/>.
    /// </summary>
    /// <param name="kappa">𝒦.</param>
    /// <param name="x">d weights.</param>
    /// <param name="weightDecay">λ ≥ 0; without it there is no constraint, and the distance is 0.</param>
    /// <returns>In the unit of the weights.</returns>
    /// <exception cref="ArgumentOutOfRangeException">λ is negative or NaN.</exception>
    public static double Distance(Kappa kappa, ReadOnlySpan<float> x, double weightDecay)
    {
        Require(weightDecay >= 0, weightDecay, nameof(weightDecay));
        return Math.Max(0, kappa.Gauge(x) - (1 / weightDecay));
    }

    /// <summary>
    /// The paper's S = ‖g‖₁ + λ⟨x, g⟩ of <see cref="Kappa.Sign"/>: at least 0 in the box, and 0 there exactly at a solution
    /// of min f subject to ‖x‖∞ ≤ 1/λ. Outside of the box it is finite, too, and may be negative.
    /// </summary>
    /// <param name="gradient">g = ∇f(x), d values.</param>
    /// <param name="x">d weights.</param>
    /// <param name="weightDecay">λ ≥ 0.</param>
    /// <returns>In the unit of the gradient.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">λ is negative or NaN.</exception>
    public static double KktScore(ReadOnlySpan<float> gradient, ReadOnlySpan<float> x, double weightDecay)
    {
        Require(weightDecay >= 0, weightDecay, nameof(weightDecay));
        Guard.Length(gradient.Length, x.Length, nameof(gradient));
        return Kappa.Sign.Value(gradient) + (weightDecay * ExactSum.Products(x, gradient));
    }

    /// <summary>
    /// S = 𝒦(−g) + 𝒦*(λx) − ⟨−g, λx⟩, the gap in Fenchel's inequality. It is at least 0, and 0 exactly where
    /// −g ∈ ∂𝒦*(λx): the condition of a minimum of f(x) + 𝒦*(λx)/λ. 𝒦 is even, so 𝒦(−g) = 𝒦(g). For
    /// <see cref="Kappa.Sign"/> in the box it is the paper's S.
    /// </summary>
    /// <param name="kappa">𝒦.</param>
    /// <param name="gradient">g = ∇f(x), d values.</param>
    /// <param name="x">d weights.</param>
    /// <param name="weightDecay">λ ≥ 0.</param>
    /// <returns>In the unit of 𝒦; infinite while λx is outside of 𝒦*'s domain.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">λ is negative or NaN.</exception>
    public static double KktScore(Kappa kappa, ReadOnlySpan<float> gradient, ReadOnlySpan<float> x, double weightDecay)
    {
        Require(weightDecay >= 0, weightDecay, nameof(weightDecay));
        Guard.Length(gradient.Length, x.Length, nameof(gradient));
        return kappa.Value(gradient) + kappa.Conjugate(x, weightDecay) + (weightDecay * ExactSum.Products(x, gradient));
    }

    /// <summary>
    /// The Lyapunov function H = f + 𝒦*(λx)/λ + c·[𝒦*(λx) + 𝒦(m) − λ⟨m, x⟩], c = lr·β1/(lr·λ·(1−β1) + (1−β2)), with the
    /// paper's m, in the sign of the negative gradient: m ← β2·m − (1−β2)·g. The bracket is a Fenchel gap, so H is at least
    /// the objective, and equal to it at rest.
    /// </summary>
    /// <remarks>
    /// H falls along the paper's flow. In steps with an exact gradient and β1 ≤ β2, and with lr/(1 − lr·λ) put in for lr (a decay
    /// x·(1 − lr·λ) is the paper's implicit one at that rate), it grows by no more than L/2·‖Δx‖² = O(lr²) a step for any f
    /// whose gradient is L-Lipschitz: convexity of 𝒦 and 𝒦*, and this c, cancel all else. lr itself differs from that by
    /// another O(lr²).
    /// </remarks>
    /// <param name="kappa">𝒦.</param>
    /// <param name="loss">f(x).</param>
    /// <param name="x">d weights.</param>
    /// <param name="momentum">m, d values, in the sign of −g.</param>
    /// <param name="weightDecay">λ &gt; 0.</param>
    /// <param name="learningRate">lr ≥ 0.</param>
    /// <param name="beta1">β1, from 0 to 1.</param>
    /// <param name="beta2">β2, from 0 to below 1.</param>
    /// <returns>In the unit of the loss; infinite while λx is outside of 𝒦*'s domain.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">λ, lr or a β is out of its bounds.</exception>
    public static double Lyapunov(
        Kappa kappa, double loss, ReadOnlySpan<float> x, ReadOnlySpan<float> momentum,
        double weightDecay, double learningRate, double beta1, double beta2)
    {
        Guard.Length(momentum.Length, x.Length, nameof(momentum));
        return Lyapunov(kappa, loss, x, momentum, ExactSum.Products(momentum, x), weightDecay, learningRate, beta1, beta2);
    }

    /// <summary>
    /// <see cref="Lyapunov(Kappa, double, ReadOnlySpan{float}, ReadOnlySpan{float}, double, double, double, double)"/> for the
    /// momentum of <see cref="LionKernel"/>, which is in the sign of the gradient: the paper's m is its negative.
    /// </summary>
    /// <inheritdoc cref="Lyapunov(Kappa, double, ReadOnlySpan{float}, ReadOnlySpan{float}, double, double, double, double)"/>
    /// <param name="kappa">𝒦.</param>
    /// <param name="loss">f(x).</param>
    /// <param name="x">d weights.</param>
    /// <param name="momentum">d values, in the sign of +g: m ← β2·m + (1−β2)·g.</param>
    /// <param name="weightDecay">λ &gt; 0.</param>
    /// <param name="learningRate">lr ≥ 0.</param>
    /// <param name="beta1">β1, from 0 to 1.</param>
    /// <param name="beta2">β2, from 0 to below 1.</param>
    public static double LyapunovOfKernel(
        Kappa kappa, double loss, ReadOnlySpan<float> x, ReadOnlySpan<float> momentum,
        double weightDecay, double learningRate, double beta1, double beta2)
    {
        Guard.Length(momentum.Length, x.Length, nameof(momentum));
        return Lyapunov(kappa, loss, x, momentum, -ExactSum.Products(momentum, x), weightDecay, learningRate, beta1, beta2);
    }

    // 𝒦 is even: of m only the product ⟨m, x⟩ knows the sign.
    static double Lyapunov(
        Kappa kappa, double loss, ReadOnlySpan<float> x, ReadOnlySpan<float> momentum, double product,
        double weightDecay, double learningRate, double beta1, double beta2)
    {
        Require(weightDecay > 0, weightDecay, nameof(weightDecay));
        Require(learningRate >= 0, learningRate, nameof(learningRate));
        Require(beta1 is >= 0 and <= 1, beta1, nameof(beta1));
        Require(beta2 is >= 0 and < 1, beta2, nameof(beta2));
        var penalty = kappa.Conjugate(x, weightDecay);
        if (double.IsPositiveInfinity(penalty))
            return penalty;
        var c = learningRate * beta1 / ((learningRate * weightDecay * (1 - beta1)) + (1 - beta2));
        return loss + (penalty / weightDecay) + (c * (penalty + kappa.Value(momentum) - (weightDecay * product)));
    }

    static void Require(bool good, double value, string name)
    {
        if (!good)
            throw new ArgumentOutOfRangeException(name, value, "λ >= 0 (λ > 0 for H), lr >= 0, 0 <= β1 <= 1, 0 <= β2 < 1.");
    }
}
