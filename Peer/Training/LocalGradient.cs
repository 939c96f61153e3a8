using DecentralizedLion.Codecs;
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
    readonly float[] gradient = settings.Accumulate * settings.LocalSteps > 1 ? new float[model.Count] : [];
    readonly float[] start = settings.LocalSteps > 1 ? new float[model.Count] : [];
    readonly ulong[] signs = settings.LocalSteps > 1 ? new ulong[BitPlanes.Words(model.Count)] : [];
    readonly ulong[] zeros = settings.LocalSteps > 1 ? new ulong[BitPlanes.Words(model.Count)] : [];

    /// <summary>g, d values, as <see cref="Compute"/> left it.</summary>
    public ReadOnlySpan<float> Gradient => gradient.Length > 0 ? gradient : model.Gradient;

    /// <summary>Computes g; the weights are what they were after it.</summary>
    /// <param name="samples">The share, to be cut into equal micro-batches in this order.</param>
    /// <param name="positions">Their positions in the run.</param>
    /// <param name="learningRate">lr of the step.</param>
    /// <param name="local">The Lion that local steps are made with; null without any.</param>
    /// <returns>The mean loss.</returns>
    public float Compute(ReadOnlySpan<long> samples, ReadOnlySpan<long> positions, float learningRate, Lion? local)
    {
        var loss = settings.LocalSteps > 1
            ? Moved(samples, positions, learningRate, local!)
            : Accumulated(samples, positions);
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

    /// <summary>g = (x₀ − x_K)/lr after K steps x ← x − (lr/K)·sign(β1·m + (1 − β1)·∇f(x)) with this peer's own m.</summary>
    float Moved(ReadOnlySpan<long> samples, ReadOnlySpan<long> positions, float learningRate, Lion local)
    {
        var steps = Math.Min(settings.LocalSteps, samples.Length);
        var rate = learningRate / steps;
        var loss = 0f;
        model.Weights.CopyTo(start);
        for (var step = 0; step < steps; step++)
        {
            var (from, to) = (samples.Length * step / steps, samples.Length * (step + 1) / steps);
            loss += Accumulated(samples[from..to], positions[from..to]);
            local.Vote(gradient, signs, zeros);
            LionKernel.Apply(model.Weights, signs, zeros, rate, decay: 1);
            model.Publish();
        }
        for (var i = 0; i < gradient.Length; i++)
            gradient[i] = (start[i] - model.Weights[i]) / learningRate;
        start.CopyTo(model.Weights);
        model.Publish();
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
