using DecentralizedLion.Codecs.LionK;

namespace DecentralizedLion.Codecs.Tests.LionK;

/// <summary>
/// Lion-𝒦 on f(x) = ½·Σ aᵢ·(xᵢ − bᵢ)², 0.1 ≤ aᵢ ≤ <see cref="Curvature"/>, with targets b inside and outside of the constraint
/// set: exact gradients, the momentum in the sign of the gradient, as the kernel keeps it.
/// </summary>
sealed class QuadraticWalk
{
    public const double Curvature = 2;

    readonly double decay, beta1, beta2;
    readonly double[] curvatures;

    /// <param name="size">The gauge of the first weights.</param>
    public QuadraticWalk(Kappa kappa, int parameters, double decay, double beta1, double beta2, float size, int seed = 5)
    {
        (Kappa, this.decay, this.beta1, this.beta2) = (kappa, decay, beta1, beta2);
        var random = new Random(seed);
        curvatures = [.. Enumerable.Range(0, parameters).Select(i => 0.1 + (random.NextDouble() * (Curvature - 0.1)))];
        Target = [.. Enumerable.Range(0, parameters).Select(i => (random.NextDouble() - 0.5) * 10)];
        X = [.. Enumerable.Range(0, parameters).Select(i => random.NextSingle() - 0.5f)];
        var scale = size / kappa.Gauge(X);
        X = [.. X.Select(x => (float)(x * scale))];
        Momentum = new float[parameters];
    }

    public Kappa Kappa { get; }

    public double[] Target { get; }

    public float[] X { get; }

    public float[] Momentum { get; }

    public double Loss() => X.Select((x, i) => curvatures[i] / 2 * (x - Target[i]) * (x - Target[i])).Sum();

    public float[] Gradient() => [.. X.Select((x, i) => (float)(curvatures[i] * (x - Target[i])))];

    /// <returns>‖Δx‖².</returns>
    public double Step(double rate)
    {
        var g = Gradient();
        float[] u = [.. g.Select((value, i) => (float)((beta1 * Momentum[i]) + ((1 - beta1) * value)))];
        Kappa.Gradient(u, u);
        double moved = 0;
        for (var i = 0; i < X.Length; i++)
        {
            Momentum[i] = (float)((beta2 * Momentum[i]) + ((1 - beta2) * g[i]));
            var next = (float)((X[i] * (1 - (rate * decay))) - (rate * u[i]));
            moved += ((double)next - X[i]) * ((double)next - X[i]);
            X[i] = next;
        }

        return moved;
    }
}
