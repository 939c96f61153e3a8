namespace DecentralizedLion.Topology.Exchange;

/// <summary>
/// The meter of the exchanges of one view: how long they really took, and how fast links they stand for. Medians of the last
/// few, so that a hiccup counts for nothing.
/// </summary>
sealed class ExchangeMeter
{
    const int Window = 15, SamplesMin = 8;

    readonly double[] seconds = new double[Window], steps = new double[Window], speeds = new double[Window];
    readonly double[] sorted = new double[Window];
    int count;

    /// <summary>True when there are enough exchanges to judge by.</summary>
    public bool IsSettled => count >= SamplesMin;

    /// <summary>Seconds of an exchange.</summary>
    public double Seconds => Median(seconds);

    /// <summary>Seconds of a whole step.</summary>
    public double StepSeconds => Median(steps);

    /// <summary>Bits a second of links that need so long, by <see cref="ExchangeTraffic"/>.</summary>
    public double Speed => Median(speeds);

    /// <summary>Takes an exchange that all members took part in with their ballots.</summary>
    /// <param name="exchange">Seconds from the moment at which the last of them was ready to the whole outcome.</param>
    /// <param name="step">Seconds from the commit of the step before to that of this one.</param>
    /// <param name="traffic">What was sent.</param>
    /// <param name="latency">Seconds from one member to another.</param>
    public void Record(double exchange, double step, ExchangeTraffic traffic, double latency)
    {
        int at = count++ % Window;
        (seconds[at], steps[at], speeds[at]) = (exchange, step, traffic.SpeedOf(exchange, latency));
    }

    /// <summary>Begins anew.</summary>
    public void Clear() => count = 0;

    double Median(double[] values)
    {
        int known = Math.Min(count, Window);
        values.AsSpan(0, known).CopyTo(sorted);
        sorted.AsSpan(0, known).Sort();
        return known == 0 ? 0 : sorted[known / 2];
    }
}
