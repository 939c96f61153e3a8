namespace NetMQ;

/// <summary>When a wait ends; below zero: never.</summary>
readonly struct Deadline(TimeSpan timeout)
{
    readonly long at = timeout < TimeSpan.Zero
        ? long.MaxValue
        : Environment.TickCount64 + (long)Math.Ceiling(timeout.TotalMilliseconds);

    public bool Passed => at != long.MaxValue && at <= Environment.TickCount64;

    /// <summary>What is left, as libzmq wants it: -1 for ever.</summary>
    public long Milliseconds => at == long.MaxValue ? -1 : Math.Max(0, at - Environment.TickCount64);

    public TimeSpan Left => TimeSpan.FromMilliseconds(Milliseconds);
}
