namespace DecentralizedLion.Topology.Simulation.World;

/// <summary>
/// The clock as one process sees it: it goes on while the process is frozen (SIGSTOP), but no timer runs until the process is
/// let go, and none ever runs after its end.
/// </summary>
sealed class ProcessClock(VirtualClock clock) : TimeProvider
{
    List<ProcessTimer>? missed; // not null while frozen
    bool stopped;

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => clock.LocalTimeZone;

    public override long GetTimestamp() => clock.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new ProcessTimer(this, callback, state, dueTime, period);

    public void Freeze() => missed ??= [];

    /// <summary>Lets the process go; returns what it missed, in the order in which it was due. Each is to be run once.</summary>
    public IReadOnlyList<Action> Thaw()
    {
        List<ProcessTimer> due = missed ?? [];
        missed = null;
        return [.. due.Select(timer => (Action)timer.RunMissed)];
    }

    /// <summary>The process is gone.</summary>
    public void Stop()
    {
        stopped = true;
        missed = null;
    }

    sealed class ProcessTimer : ITimer
    {
        readonly ProcessClock owner;
        readonly TimerCallback callback;
        readonly object? state;
        readonly ITimer inner;
        bool isMissed;

        public ProcessTimer(ProcessClock owner, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (this.owner, this.callback, this.state) = (owner, callback, state);
            inner = owner.Inner.CreateTimer(static timer => ((ProcessTimer)timer!).Fire(), this, dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            isMissed = false;
            return inner.Change(dueTime, period);
        }

        public void RunMissed()
        {
            if (isMissed)
                Run();
        }

        public void Dispose()
        {
            isMissed = false;
            inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        void Fire()
        {
            if (owner.missed is null || owner.stopped)
                Run();
            else if (!isMissed)
            {
                isMissed = true;
                owner.missed.Add(this);
            }
        }

        void Run()
        {
            isMissed = false;
            if (owner.stopped)
                inner.Dispose();
            else
                callback(state);
        }
    }

    VirtualClock Inner => clock;
}
