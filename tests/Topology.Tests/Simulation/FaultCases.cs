using DecentralizedLion.Topology.Simulation.Faults;
using FsCheck;
using FsCheck.Fluent;

namespace DecentralizedLion.Topology.Tests.Simulation;

/// <summary>Random cases, made smaller by leaving faults out and by making them shorter.</summary>
public static class FaultCases
{
    const int FaultsMax = 8;

    public static Arbitrary<FaultCase> Case() => Arb.From(
        from seed in Gen.Choose(0, 1_000_000)
        from peers in Gen.Choose(3, 5)
        from count in Gen.Choose(1, FaultsMax)
        from faults in Fault(peers).ArrayOf(count)
        select new FaultCase(seed, peers, new FaultSchedule(faults)), Smaller);

    static Gen<Fault> Fault(int peers) =>
        from kind in Gen.Elements(FaultSchedule.AllKinds.ToArray())
        from milliseconds in Gen.Choose(0, 7000)
        from draw in Gen.Choose(0, int.MaxValue - 1)
        select FaultSchedule.DrawOne(new Random(draw), kind, peers, TimeSpan.FromMilliseconds(milliseconds));

    static IEnumerable<FaultCase> Smaller(FaultCase one)
    {
        IReadOnlyList<Fault> faults = one.Schedule.Faults;
        for (int at = 0; at < faults.Count; at++)
            yield return one with { Schedule = new FaultSchedule([.. faults.Take(at), .. faults.Skip(at + 1)]) };
        for (int at = 0; at < faults.Count; at++)
        {
            Fault shorter = faults[at] with { For = faults[at].For / 2 };
            if (shorter.For > TimeSpan.FromSeconds(0.5))
                yield return one with { Schedule = new FaultSchedule([.. faults.Take(at), shorter, .. faults.Skip(at + 1)]) };
        }
    }
}
