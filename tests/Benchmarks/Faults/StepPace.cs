using System.Diagnostics;
using DecentralizedLion.Benchmarks.Exchange;

namespace DecentralizedLion.Benchmarks.Faults;

/// <summary>The pace of one peer's steps.</summary>
/// <param name="Intervals">Seconds between a step's arrival and the next one's.</param>
/// <param name="Rate">Steps a second, over all of them.</param>
sealed record StepPace(IReadOnlyList<double> Intervals, double Rate)
{
    public double Median => Round.Quantile(Intervals, 0.5);

    /// <summary>Of what one peer said in a span of time.</summary>
    /// <exception cref="InvalidOperationException">It said of fewer than three steps.</exception>
    public static StepPace Of(IEnumerable<ReceivedEvent> heard, int peer)
    {
        ReceivedEvent[] steps = [.. heard.Where(said => said.Peer == peer && said.Step is not null)];
        if (steps.Length < 3)
            throw new InvalidOperationException($"only {steps.Length} steps in a phase; a longer one is needed (--seconds)");
        double[] intervals = [.. steps.Zip(steps.Skip(1), (one, next) => Stopwatch.GetElapsedTime(one.At, next.At).TotalSeconds)];
        return new StepPace(intervals, (steps[^1].Step!.Step - steps[0].Step!.Step)
            / Stopwatch.GetElapsedTime(steps[0].At, steps[^1].At).TotalSeconds);
    }
}
