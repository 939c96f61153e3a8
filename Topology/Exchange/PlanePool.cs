using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>Memory of outcomes that the ring needs no more, for later steps: large arrays cost much when each step takes new
/// ones.</summary>
sealed class PlanePool
{
    // The trainer may be one step behind the ring, and one more is under way.
    const int Steps = 2;

    readonly List<(long Step, ulong[] Planes)> spare = [];

    /// <summary>Memory of exactly so many words whose step was applied; null: none.</summary>
    public ulong[]? Rent(int words, long applied)
    {
        int at = spare.FindIndex(one => one.Planes.Length == words && one.Step <= applied);
        if (at < 0)
            return null;
        ulong[] planes = spare[at].Planes;
        spare.RemoveAt(at);
        return planes;
    }

    /// <summary>A step's outcomes; its trainer may still read them.</summary>
    public void Return(long step, Aggregate[] aggregates)
    {
        spare.RemoveAll(one => one.Step <= step - Steps); // of a length that no step wanted since
        foreach (Aggregate aggregate in aggregates)
            spare.Add((step, aggregate.Planes));
    }
}
