namespace DecentralizedLion.Topology.Protection;

/// <summary>
/// How often something that others can bring about is told: a few times at once, then once an interval, with the number of those
/// that were not told. Whoever can send is not to fill a disk.
/// </summary>
sealed class ReportLimiter(TimeProvider clock, TimeSpan every, int atOnce = 3)
{
    double allowed = atOnce;
    long? last;
    long silent;

    /// <summary>Whether it is to be told now.</summary>
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
