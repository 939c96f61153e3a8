using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.Simulation.Oracles;

/// <summary>Peers that are asked to leave within the gathering time end at one step, with one digest (I22).</summary>
static class StopOracle
{
    /// <summary>Checks where they ended.</summary>
    public static void Check(Invariants invariants, IReadOnlyList<(string Name, long Step, Digest? Chain)> ends)
    {
        if (ends.Select(end => (end.Step, end.Chain)).Distinct().Count() > 1)
            invariants.Violated("who asks to leave within the gathering time ends at one step with one digest (I22)",
                string.Join(", ", ends.Select(end => $"{end.Name} ended at step {end.Step} ({end.Chain?.Short})")));
    }
}
