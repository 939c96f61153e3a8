namespace DecentralizedLion.Topology.Simulation.Faults;

/// <summary>How many of a schedule's faults have begun, are in force, and are not over yet.</summary>
sealed class FaultCount
{
    /// <summary>Faults that are not over yet, those that have not begun included.</summary>
    public int Open { get; set; }

    /// <summary>Faults that harm somebody at present.</summary>
    public int InForce { get; set; }

    /// <summary>Faults that have begun so far, but for peers that became slow.</summary>
    public int Begun { get; set; }

    /// <summary>Counts more faults as in force: those of one fault that harms several peers.</summary>
    public void Add(int more)
    {
        Open += more;
        InForce += more;
    }

    /// <summary>Counts one fault in force as over.</summary>
    public void End() => Add(-1);
}
