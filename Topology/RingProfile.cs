using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology;

/// <summary>
/// The time that a ring takes for each part of a step while its training thread waits for it. The training thread opens the
/// measurement and reads it after the wait; in between, only the ring's thread writes it, and closes it when the wait is over.
/// What the ring does while the training thread computes is not counted, because it does not make the step longer.
/// </summary>
/// <param name="time">The clock.</param>
sealed class RingProfile(TimeProvider time)
{
    /// <summary>Hops are counted from 1 and below this.</summary>
    public const int Hops = FrameHeader.MaxHop + 1;

    const long Closed = long.MaxValue;

    readonly long[] parts = new long[Enum.GetValues<StepPart>().Length], hops = new long[Hops];
    long openedAt = Closed, last, idle;

    /// <summary>The training thread begins to wait.</summary>
    public void Open() => Volatile.Write(ref openedAt, time.GetTimestamp());

    /// <summary>The training thread's wait is over.</summary>
    public void Close()
    {
        idle = 0;
        Volatile.Write(ref openedAt, Closed);
    }

    /// <summary>Counts the time since the last call as a part of the step.</summary>
    public void OnDone(StepPart part) => Add(part, Lap());

    /// <summary>Something comes in between that the step does not wait for; the wait goes on after it.</summary>
    public void OnInterrupted() => idle += Lap();

    /// <summary>A segment of a hop was waited for, and has come.</summary>
    public void OnSegment(int hop)
    {
        long waited = TakeIdle();
        Add(StepPart.Wait, waited);
        if (waited > 0)
            hops[hop] += waited;
    }

    /// <summary>Acknowledgements were waited for, and enough have come.</summary>
    public void OnAcknowledged() => Add(StepPart.Acknowledge, TakeIdle());

    /// <summary>Counts the time since the last call as none of the parts.</summary>
    public void Skip() => TakeIdle();

    /// <summary>Moves all that was measured elsewhere; for the training thread, while the measurement is closed.</summary>
    /// <param name="toParts">The times of parts, to which they are added.</param>
    /// <param name="toHops">The waits of hops, to which they are added.</param>
    public void MoveTo(Span<long> toParts, Span<long> toHops)
    {
        for (int part = 0; part < parts.Length; part++)
            toParts[part] += parts[part];
        for (int hop = 0; hop < hops.Length; hop++)
            toHops[hop] += hops[hop];
        Array.Clear(parts);
        Array.Clear(hops);
    }

    void Add(StepPart part, long ticks)
    {
        if (ticks > 0)
            parts[(int)part] += ticks; // not written while it is closed: the training thread takes it
    }

    long TakeIdle()
    {
        long waited = idle + Lap();
        idle = 0;
        return waited;
    }

    long Lap()
    {
        long now = time.GetTimestamp(), from = Math.Max(last, Volatile.Read(ref openedAt));
        last = now;
        return Math.Max(0, now - from);
    }
}
