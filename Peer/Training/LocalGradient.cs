using DecentralizedLion.Models;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Configuration;

namespace DecentralizedLion.Peer.Training;

/// <summary>
/// The gradient of several samples: the mean over <c>accumulate</c> micro-batches, clipped where <c>gradientClip</c> is set.
/// </summary>
/// <param name="settings">The run's settings.</param>
/// <param name="model">The network.</param>
/// <param name="data">The training part.</param>
public sealed class LocalGradient(TrainingSettings settings, FlatModel model, IDataSplit data)
{
    readonly float[] mean = settings.Accumulate > 1 ? new float[model.Count] : [];

    /// <summary>g, d values, as <see cref="Compute"/> left it.</summary>
    public ReadOnlySpan<float> Values => Gradient;

    Span<float> Gradient => mean.Length > 0 ? mean : model.Gradient;

    /// <summary>Computes g.</summary>
    /// <param name="samples">The samples, to be cut into equal micro-batches in this order.</param>
    /// <param name="positions">Their positions in the run.</param>
    /// <returns>The mean loss.</returns>
    public float Compute(ReadOnlySpan<long> samples, ReadOnlySpan<long> positions)
    {
        var loss = Accumulated(samples, positions);
        if (settings.GradientClip > 0)
            Clip(Gradient, settings.GradientClip);
        return loss;
    }

    /// <summary>g = mean over micro-batches of ∇f(x).</summary>
    float Accumulated(ReadOnlySpan<long> samples, ReadOnlySpan<long> positions)
    {
        var parts = Math.Min(settings.Accumulate, samples.Length);
        if (mean.Length == 0)
            return Backward(samples, positions);
        var loss = 0f;
        Array.Clear(mean);
        for (var part = 0; part < parts; part++)
        {
            var (from, to) = ((int)((long)samples.Length * part / parts), (int)((long)samples.Length * (part + 1) / parts));
            loss += Backward(samples[from..to], positions[from..to]);
            for (var i = 0; i < mean.Length; i++)
                mean[i] += model.Gradient[i];
        }
        for (var i = 0; i < mean.Length; i++)
            mean[i] /= parts;
        return loss / parts;
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
