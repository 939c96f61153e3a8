namespace DecentralizedLion.Topology.Simulation.Faults;

/// <summary>The faults of a network in which several are active at once: the worst of each family.</summary>
/// <param name="usual">The network without them.</param>
sealed class ActiveNetworkFaults(NetworkFaults usual)
{
    readonly List<Fault> present = [];

    public NetworkFaults Faults
    {
        get
        {
            var slowest = TimeSpan.FromMilliseconds(Math.Max(Max(FaultKind.Delay), Max(FaultKind.Reorder)));
            return usual with
            {
                Loss = Math.Max(usual.Loss, Max(FaultKind.Loss)),
                Repeat = Max(FaultKind.Repeat),
                Corrupt = Max(FaultKind.Corrupt),
                LongestDelay = slowest > usual.LongestDelay ? slowest : usual.LongestDelay,
                Reorder = Max(FaultKind.Reorder) > 0,
            };
        }
    }

    /// <summary>Something is wrong with the network.</summary>
    public bool IsAny => present.Count > 0;

    public void Begin(Fault fault) => present.Add(fault);

    public void End(Fault fault) => present.Remove(fault);

    double Max(FaultKind kind)
    {
        double most = 0;
        foreach (Fault fault in present)
            most = fault.Kind == kind ? Math.Max(most, fault.Amount) : most;
        return most;
    }
}
