namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>A clock whose timers ring a number of times sooner, so that a test need not sit a time limit out.</summary>
sealed class AcceleratedTime(double times) : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / times : dueTime, period);
}
