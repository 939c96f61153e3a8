namespace DecentralizedLion.Models.Tests.Networks;

public sealed class GradientTests
{
    /// <summary>Along random directions: (f(x + h·v) − f(x − h·v)) / 2h against ⟨g, v⟩.</summary>
    [Theory]
    [MemberData(nameof(Cases.Kinds), MemberType = typeof(Cases))]
    public void Agrees_with_finite_differences(string kind)
    {
        using var model = Cases.Model(kind);
        var batch = Cases.Batch(kind, size: 3);
        var random = new Random(3);
        // Away from the initial point, where positions and biases are zero.
        foreach (ref float x in model.Weights)
            x += 0.1f * (random.NextSingle() - 0.5f);
        model.Backward(batch);
        float[] gradient = model.Gradient.ToArray(), at = model.Weights.ToArray();
        foreach (var slice in model.Layout)
        {
            var direction = new float[model.Count];
            for (int i = slice.Offset; i < slice.Offset + slice.Length; i++)
                direction[i] = random.NextSingle() < 0.5f ? -1 : 1;
            double expected = gradient.Zip(direction, (g, v) => (double)g * v).Sum();
            // Smaller where ReLU and max pooling have kinks: the fewer lie within the step, the nearer the two come.
            float h = (kind == "convnet" ? 1e-3f : 4e-3f) / MathF.Sqrt(slice.Length);
            double measured = (Loss(h) - Loss(-h)) / (2.0 * h);
            double scale = Math.Sqrt(gradient.AsSpan(slice.Offset, slice.Length).ToArray().Sum(g => (double)g * g)) + 0.01;
            Assert.True(
                Math.Abs(expected - measured) <= 0.05 * scale, $"{slice.Name}: {measured} measured, {expected} from autograd");

            double Loss(float step)
            {
                for (int i = 0; i < at.Length; i++)
                    model.Weights[i] = at[i] + (step * direction[i]);
                float loss = model.Backward(batch);
                at.CopyTo(model.Weights);
                return loss;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases.Kinds), MemberType = typeof(Cases))]
    public void A_tiny_problem_is_learned_by_plain_descent(string kind)
    {
        using var model = Cases.Model(kind);
        var batch = Cases.Batch(kind, size: 4);
        float first = model.Backward(batch), last = first;
        for (int step = 0; step < 200; step++)
        {
            for (int i = 0; i < model.Count; i++)
                model.Weights[i] -= 0.1f * model.Gradient[i];
            last = model.Backward(batch);
        }

        Assert.True(last < 0.7f * first, $"loss {first} at first, {last} after 200 steps");
    }
}
