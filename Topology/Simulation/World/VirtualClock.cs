namespace DecentralizedLion.Topology.Simulation.World;

/// <summary>
/// A clock that stands still until it is told to go to the next timer. Timers due at one moment run in the order they were set,
/// so that a run repeats exactly. One thread only.
/// </summary>
sealed class VirtualClock : TimeProvider
{
    static readonly DateTimeOffset StartTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly PriorityQueue<VirtualTimer, (long Due, long Order)> timers = new();
    long now, order;

    /// <summary>Time since the clock was made.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(now);

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long GetTimestamp() => now;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => StartTime.AddTicks(now);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Runs something after a while.</summary>
    public void After(TimeSpan delay, Action action) =>
        CreateTimer(static state => ((Action)state!)(), action, delay, Timeout.InfiniteTimeSpan);

    /// <summary>Goes to the next timer and runs it; false when there is none.</summary>
    public bool RunNext()
    {
        while (timers.TryDequeue(out VirtualTimer? timer, out (long Due, long Order) at))
        {
            if (!timer.IsSetFor(at.Order))
                continue;
            now = Math.Max(now, at.Due);
            timer.Fire();
            return true;
        }
        return false;
    }

    long Schedule(VirtualTimer timer, TimeSpan delay)
    {
        timers.Enqueue(timer, (now + Math.Max(0, delay.Ticks), ++order));
        return order;
    }

    sealed class VirtualTimer(VirtualClock clock, TimerCallback callback, object? state) : ITimer
    {
        long setting; // the order number of the entry that counts; older entries are skipped
        TimeSpan period;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            this.period = period;
            setting = dueTime == Timeout.InfiniteTimeSpan ? 0 : clock.Schedule(this, dueTime);
            return true;
        }

        public bool IsSetFor(long order) => setting == order;

        public void Fire()
        {
            setting = period > TimeSpan.Zero ? clock.Schedule(this, period) : 0;
            callback(state);
        }

        public void Dispose() => setting = 0;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
