namespace NetMQ;

public class NetMQTimerEventArgs(NetMQTimer timer) : EventArgs
{
    public NetMQTimer Timer { get; } = timer;
}

/// <summary>Fires on the poller's thread, again and again while enabled.</summary>
public class NetMQTimer
{
    const long Unscheduled = -1;
    readonly NetMQTimerEventArgs eventArgs;
    int interval;
    bool enabled = true;

    public NetMQTimer(TimeSpan interval)
        : this(checked((int)interval.TotalMilliseconds))
    {
    }

    public NetMQTimer(int interval)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(interval);
        this.interval = interval;
        eventArgs = new NetMQTimerEventArgs(this);
    }

    public event EventHandler<NetMQTimerEventArgs> Elapsed;

    /// <summary>Milliseconds.</summary>
    public int Interval
    {
        get => interval;
        set
        {
            interval = value;
            Due = Unscheduled;
        }
    }

    public bool Enable
    {
        get => enabled;
        set
        {
            if (enabled == value)
                return;
            enabled = value;
            Due = Unscheduled;
        }
    }

    long Due { get; set; } = Unscheduled;

    public void EnableAndReset()
    {
        enabled = true;
        Due = Environment.TickCount64 + interval;
    }

    internal void Unschedule() => Due = Unscheduled;

    /// <summary>Milliseconds until it fires; below zero: never.</summary>
    internal long Wait(long now)
    {
        if (!enabled)
            return -1;
        if (Due == Unscheduled)
            Due = now + interval;
        return Math.Max(0, Due - now);
    }

    internal void FireIfDue(long now)
    {
        if (!enabled || Due == Unscheduled || Due > now)
            return;
        Due = now + interval;
        Elapsed?.Invoke(this, eventArgs);
    }
}
