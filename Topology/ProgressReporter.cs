using System.Globalization;

namespace DecentralizedLion.Topology;

/// <summary>Reports the progress of a transfer or a replay from time to time, with the time that the rest will take at the pace
/// so far.</summary>
/// <param name="clock">The clock.</param>
/// <param name="interval">The time between two reports.</param>
/// <param name="first">What was done when it began, in bytes or steps.</param>
sealed class ProgressReporter(TimeProvider clock, TimeSpan interval, long first)
{
    const double SecondsShown = 100;

    readonly long began = clock.GetTimestamp();
    long reported = clock.GetTimestamp();

    /// <summary>The share that is done and the time left, when a report is due; else null.</summary>
    /// <param name="done">What is done.</param>
    /// <param name="total">What there is to do.</param>
    public string? Report(long done, long total)
    {
        if (clock.GetElapsedTime(reported) < interval || done <= first || done >= total)
            return null;
        reported = clock.GetTimestamp();
        double seconds = clock.GetElapsedTime(began).TotalSeconds * (total - done) / (done - first);
        string left = seconds < SecondsShown ? $"{Math.Ceiling(seconds):F0} s" : $"{Math.Ceiling(seconds / 60):F0} min";
        return string.Create(CultureInfo.InvariantCulture, $"{100.0 * done / total:F0} %, about {left} left");
    }
}
