using DecentralizedLion.Codecs;
using DecentralizedLion.Peer.Configuration;

namespace DecentralizedLion.Peer.Training;

/// <summary>
/// The learning rate of every step: linear warm-up, then a cosine down to a fraction of the peak. All peers must get the same
/// bits, so it uses IEEE add, multiply and divide only; the platform's cos may differ in the last bit between two machines.
/// </summary>
/// <param name="peak">The learning rate after warm-up.</param>
/// <param name="steps">Steps of the whole run.</param>
/// <param name="warmup">Steps of warm-up; 0 for none.</param>
/// <param name="finalFraction">The fraction of the peak that the cosine ends at, 0 … 1.</param>
sealed class LearningRateSchedule(double peak, long steps, long warmup, double finalFraction)
{
    /// <summary>A run's.</summary>
    public static LearningRateSchedule Of(TrainingSettings settings) =>
        new(settings.LearningRate, settings.Steps, settings.Warmup, settings.FinalLearningRate);

    /// <summary>The learning rate of a step; the first step is 0. After the last step it stays at its final value.</summary>
    public float LearningRate(long step)
    {
        if (step < warmup)
            return (float)(peak * (step + 1) / warmup);
        var done = step >= steps ? 1.0 : (double)(step - warmup) / (steps - warmup);
        return (float)(peak * (finalFraction + (1 - finalFraction) * (0.5 * (1 + DeterministicMath.CosPi(done)))));
    }

    /// <summary>The factor of the weights before a step: 1 − lr·λ, each operation rounded to fp32.</summary>
    public static float Decay(float learningRate, float weightDecay)
    {
        var product = learningRate * weightDecay;
        return 1f - product;
    }
}
