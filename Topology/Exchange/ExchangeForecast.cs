using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>The predicted times of a step's exchange by both ways, and the rule that says when the other way is worth a view
/// change.</summary>
/// <param name="Ring">Seconds by the ring.</param>
/// <param name="Direct">Seconds by the direct exchange.</param>
readonly record struct ExchangeForecast(double Ring, double Direct)
{
    /// <summary>A member proposes the other way when the present one takes so many times as long.</summary>
    public const double ClearGain = 1.3;

    /// <summary>A member agrees to another's proposal when it does so many times.</summary>
    public const double EnoughGain = 1.15;

    /// <summary>The least share of a whole step, gradient included, that a change must save.</summary>
    public const double StepShareMin = 0.05;

    /// <summary>The faster way; the ring where they are equal.</summary>
    public ExchangeKind Faster => Direct < Ring ? ExchangeKind.Direct : ExchangeKind.Ring;

    /// <summary>The forecast from a step's size and what is known of the links.</summary>
    /// <param name="buckets">What a step carries.</param>
    /// <param name="peers">N.</param>
    /// <param name="ring">The links as the ring uses them.</param>
    /// <param name="direct">The links as the direct exchange uses them.</param>
    /// <param name="segmentWords">Words of a segment, 0 for the default.</param>
    public static ExchangeForecast Of(IReadOnlyList<Bucket> buckets, int peers, LinkEstimate ring, LinkEstimate direct,
        int segmentWords = 0) =>
        new(ExchangeTraffic.Ring(buckets, peers, segmentWords).Seconds(ring.Speed, ring.Latency),
            ExchangeTraffic.Direct(buckets, peers, segmentWords).Seconds(direct.Speed, direct.Latency));

    /// <summary>The seconds by one way.</summary>
    public double Of(ExchangeKind kind) => kind == ExchangeKind.Ring ? Ring : Direct;

    /// <summary>The time by the present way over the time by the other one.</summary>
    public double GainOver(ExchangeKind present) => present == ExchangeKind.Ring ? Ring / Direct : Direct / Ring;

    /// <summary>True when the other way is faster by a factor, and the time saved is worth it.</summary>
    /// <param name="present">The way in use.</param>
    /// <param name="gain">The factor.</param>
    /// <param name="step">Seconds of a whole step.</param>
    public bool Favours(ExchangeKind present, double gain, double step) =>
        GainOver(present) >= gain && Math.Abs(Ring - Direct) >= StepShareMin * step;
}
