using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Training;

/// <summary>
/// The clock of a step's parts on the training thread, from one applied step to the next. What it waits for the ring is made of
/// what the ring did meanwhile; the rest of the step is <see cref="StepPart.Overhead"/>.
/// </summary>
/// <param name="ring">The ring's parts.</param>
/// <param name="time">The clock.</param>
sealed class StepProfiler(RingProfile ring, TimeProvider time)
{
    static readonly string[] names = [.. Enum.GetNames<StepPart>().Select(name => name.ToLowerInvariant())];

    readonly long[] parts = new long[names.Length], hops = new long[RingProfile.Hops];
    long? began;
    long last;

    /// <summary>The first step begins, if it has not begun before.</summary>
    public void Begin()
    {
        if (began is null)
            Restart();
    }

    /// <summary>Counts the time since the last call as a part of the step.</summary>
    public void OnDone(StepPart part)
    {
        var now = time.GetTimestamp();
        parts[(int)part] += now - last;
        last = now;
    }

    /// <summary>Counts the time since the last call as none of the parts.</summary>
    public void Skip() => last = time.GetTimestamp();

    /// <summary>The ring has answered.</summary>
    public void OnAnswered()
    {
        ring.MoveTo(parts, hops);
        Skip();
    }

    /// <summary>A step was applied; the next one begins.</summary>
    /// <returns>Its profile; null for what was applied before the first gradient was wanted.</returns>
    public Profiled? End(long step)
    {
        if (began is not { } begin)
            return null;
        var all = time.GetTimestamp() - begin;
        parts[(int)StepPart.Overhead] = all - parts.Sum();
        var profiled = new Profiled(step, Seconds(all),
            names.Select((name, part) => (name, part)).ToDictionary(item => item.name, item => Seconds(parts[item.part])),
            [.. hops.Take(Array.FindLastIndex(hops, ticks => ticks > 0) + 1).Skip(1).Select(Seconds)]);
        Restart();
        return profiled;
    }

    void Restart()
    {
        Array.Clear(parts);
        Array.Clear(hops);
        began = last = time.GetTimestamp();
    }

    double Seconds(long ticks) => (double)ticks / time.TimestampFrequency;
}
