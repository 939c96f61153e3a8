namespace DecentralizedLion.Topology.Protection;

/// <summary>
/// The limit on reports that others can bring about: a few at once, then one an interval, with the number of those that were
/// suppressed, so that nobody who can send to this peer can fill its disk with reports.
/// </summary>
sealed class ReportLimiter(TimeProvider clock, TimeSpan every, int atOnce = 3)
{
    double allowed = atOnce;
    long? last;
    long silent;

    /// <summary>True when it is to be reported now.</summary>
    /// <param name="since">What to add to the text: how many were not told before this one.</param>
    public bool TryAcquire(out string since)
    {
        long now = clock.GetTimestamp();
        if (last is { } before)
            allowed = Math.Min(atOnce, allowed + clock.GetElapsedTime(before, now) / every);
        last = now;
        if (allowed < 1)
        {
            silent++;
            since = "";
            return false;
        }
        allowed--;
        since = silent == 0 ? "" : $" ({silent} more like it since the last such line)";
        silent = 0;
        return true;
    }
}
