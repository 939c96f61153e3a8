using DecentralizedLion.Models;
using DecentralizedLion.Peer.Methods;
using DecentralizedLion.Peer.Settings;

namespace DecentralizedLion.Peer.Training;

/// <summary>
/// What a peer's share of a step comes to as one gradient: the mean over <c>accumulate</c> micro-batches, or what <c>localSteps</c> steps of
/// its own moved; clipped where <c>gradientClip</c> is set.
/// </summary>
/// <param name="settings">The run's settings.</param>
/// <param name="model">The network.</param>
/// <param name="data">The training part.</param>
public sealed class LocalGradient(TrainingSettings settings, FlatModel model, IDataPart data)
{
    readonly Schedule schedule = Schedule.Of(settings);
    readonly float[] gradient = settings.Accumulate * settings.LocalSteps > 1 ? new float[model.Count] : [];
    readonly LocalSteps? local = settings.LocalSteps > 1 ? new LocalSteps(settings, model) : null;

    /// <summary>What a peer alone has for it: the momentum of its local steps.</summary>
    public IReadOnlyList<StateVector> Own => local is null ? [] : [local.Momentum];

    /// <summary>g, d values, as <see cref="Compute"/> left it.</summary>
    public ReadOnlySpan<float> Gradient => gradient.Length > 0 ? gradient : model.Gradient;

    /// <summary>Computes g; the weights are what they were after it.</summary>
    /// <param name="samples">The share, to be cut into equal micro-batches in this order.</param>
    /// <param name="positions">Their positions in the run.</param>
    /// <param name="step">The step, from 1.</param>
    /// <returns>The mean loss.</returns>
    public float Compute(ReadOnlySpan<long> samples, ReadOnlySpan<long> positions, long step)
    {
        var loss = local is null ? Accumulated(samples, positions) : Moved(local, samples, positions, schedule.LearningRate(step - 1));
        if (settings.GradientClip > 0)
            Clip(gradient.Length > 0 ? gradient : model.Gradient, settings.GradientClip);
        return loss;
    }

    /// <summary>g = mean over micro-batches of ∇f(x).</summary>
    float Accumulated(ReadOnlySpan<long> samples, ReadOnlySpan<long> positions)
    {
        var parts = Math.Min(settings.Accumulate, samples.Length);
        if (parts == 1 && gradient.Length == 0)
            return Backward(samples, positions);
        var loss = 0f;
        Array.Clear(gradient);
        for (var part = 0; part < parts; part++)
        {
            var (from, to) = (samples.Length * part / parts, samples.Length * (part + 1) / parts);
            loss += Backward(samples[from..to], positions[from..to]);
            for (var i = 0; i < gradient.Length; i++)
                gradient[i] += model.Gradient[i];
        }
        for (var i = 0; i < gradient.Length; i++)
            gradient[i] /= parts;
        return loss / parts;
    }

    /// <summary>g = (x₀ − x_K)/lr.</summary>
    float Moved(LocalSteps local, ReadOnlySpan<long> samples, ReadOnlySpan<long> positions, float learningRate)
    {
        var steps = Math.Min(settings.LocalSteps, samples.Length);
        var loss = 0f;
        local.Begin();
        for (var step = 0; step < steps; step++)
        {
            var (from, to) = (samples.Length * step / steps, samples.Length * (step + 1) / steps);
            loss += Accumulated(samples[from..to], positions[from..to]);
            local.Step(gradient, learningRate / steps);
        }
        local.End(gradient, learningRate);
        return loss / steps;
    }

    float Backward(ReadOnlySpan<long> samples, ReadOnlySpan<long> positions) => model.Backward(data.Read(samples, positions));

    /// <summary>g ← g·min(1, c/‖g‖₂).</summary>
    static void Clip(Span<float> gradient, float most)
    {
        double squares = 0;
        foreach (var g in gradient)
            squares += (double)g * g;
        var scale = (float)(most / Math.Sqrt(squares));
        if (!(scale < 1))
            return;
        for (var i = 0; i < gradient.Length; i++)
            gradient[i] *= scale;
    }
}
