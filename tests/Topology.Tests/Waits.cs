namespace DecentralizedLion.Topology.Tests;

/// <summary>What a trainer of the rig waited for, in ticks of its profile's clock.</summary>
sealed class Waits
{
    /// <summary>All of its waiting, by the rig's clock.</summary>
    public long All { get; private set; }

    public long[] Parts { get; } = new long[Enum.GetValues<StepPart>().Length];

    public long[] Hops { get; } = new long[RingProfile.Hops];

    /// <summary>Takes in what it waited for until a turn came.</summary>
    public void Add(RingProfile profile, TimeSpan waited)
    {
        profile.MoveTo(Parts, Hops);
        All += waited.Ticks;
    }

    public void Clear()
    {
        All = 0;
        Array.Clear(Parts);
        Array.Clear(Hops);
    }
}
