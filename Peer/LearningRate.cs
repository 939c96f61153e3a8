using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion;

/// <summary>The learning rate of every step of a run: a function of the step alone, because it is part of what the peers agree on
/// and must have equal bits on all of them. A scheduler that keeps a state of its own cannot be used.</summary>
public sealed class LearningRate
{
    readonly Func<long, float> rateAt;

    LearningRate(Func<long, float> rateAt, long? steps, IReadOnlyList<FingerprintField> fields) =>
        (this.rateAt, Steps, Fields) = (rateAt, steps, fields);

    /// <summary>The last step of the run; null when it has none.</summary>
    public long? Steps { get; }

    /// <summary>The settings that must be equal on all peers.</summary>
    internal IReadOnlyList<FingerprintField> Fields { get; }

    /// <summary>The same rate in every step.</summary>
    /// <param name="rate">The rate, more than 0 and at most 1.</param>
    /// <param name="steps">The last step of the run; null when the peers' loops decide when it ends.</param>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public static LearningRate Constant(double rate, long? steps = null)
    {
        var bits = Checked(rate);
        CheckSteps(steps);
        return new(_ => bits, steps, [new("learningRate", Text(bits)), .. StepsField(steps)]);
    }

    /// <summary>A linear warm-up, then a cosine down to a fraction of the peak.</summary>
    /// <param name="peak">The rate after warm-up, more than 0 and at most 1.</param>
    /// <param name="warmup">Steps of warm-up; 0 for none.</param>
    /// <param name="steps">The last step of the run.</param>
    /// <param name="final">The fraction of the peak that the cosine ends at, 0 … 1.</param>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public static LearningRate Cosine(double peak, long warmup, long steps, double final = 0)
    {
        var bits = Checked(peak);
        CheckSteps(steps);
        if (warmup < 0 || warmup > steps)
            throw new ArgumentException($"warmup: found {warmup}; allowed is 0 to steps, which is {steps}");
        if (!(final is >= 0 and <= 1))
            throw new ArgumentException(FormattableString.Invariant($"final: found {final}; allowed is 0 to 1"));
        var schedule = new LearningRateSchedule(bits, steps, warmup, final);
        return new(step => schedule.LearningRate(step - 1), steps,
            [new("learningRate", Text(bits)), new("warmup", Text(warmup)), new("finalLearningRate", Text(final)),
                new("steps", Text(steps))]);
    }

    /// <summary>Any function of the step. It is called for single steps in any order, on several threads, and must give the same
    /// bits on all peers: use add, subtract, multiply and divide only, since other functions differ between machines.</summary>
    /// <param name="rateAt">The rate of a step, from 1.</param>
    /// <param name="steps">The last step of the run; null when the peers' loops decide when it ends.</param>
    public static LearningRate Of(Func<long, double> rateAt, long? steps = null)
    {
        ArgumentNullException.ThrowIfNull(rateAt);
        CheckSteps(steps);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bits = stackalloc byte[sizeof(float)];
        for (int power = 0; power < 40; power++)
        {
            var step = Math.Min(1L << power, steps ?? long.MaxValue);
            BinaryPrimitives.WriteSingleLittleEndian(bits, Checked(rateAt(step)));
            hash.AppendData(bits);
        }
        return new(step => Checked(rateAt(step)), steps,
            [new("learningRate", "function " + Convert.ToHexStringLower(hash.GetHashAndReset())[..16]), .. StepsField(steps)]);
    }

    /// <summary>The same rate in every step, of a run that the peers' loops end.</summary>
    public static implicit operator LearningRate(double rate) => Constant(rate);

    /// <summary>The rate of a step, from 1.</summary>
    public float At(long step) => rateAt(step);

    static float Checked(double rate) => rate is > 0 and <= 1 && float.IsNormal((float)rate) ? (float)rate
        : throw new ArgumentException(FormattableString.Invariant($"lr: found {rate}; allowed is more than 0 and at most 1"));

    static void CheckSteps(long? steps)
    {
        if (steps is < 1 or > 1_000_000_000)
            throw new ArgumentException($"steps: found {steps}; allowed is 1 to 1000000000");
    }

    static IEnumerable<FingerprintField> StepsField(long? steps) => steps is { } last ? [new("steps", Text(last))] : [];

    static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
