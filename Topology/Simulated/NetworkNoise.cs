namespace DecentralizedLion.Topology.Simulated;

/// <summary>What several faults at once make of the network: the worst of each family.</summary>
/// <param name="usual">The network without them.</param>
sealed class NetworkNoise(NetworkFaults usual)
{
    readonly List<Fault> present = [];

    public NetworkFaults Faults
    {
        get
        {
            var slowest = TimeSpan.FromMilliseconds(Math.Max(Most(FaultKind.Delay), Most(FaultKind.Reorder)));
            return usual with
            {
                Loss = Most(FaultKind.Loss),
                Repeat = Most(FaultKind.Repeat),
                Corrupt = Most(FaultKind.Corrupt),
                LongestDelay = slowest > usual.LongestDelay ? slowest : usual.LongestDelay,
                Reorder = Most(FaultKind.Reorder) > 0,
            };
        }
    }

    /// <summary>Something is wrong with the network.</summary>
    public bool IsAny => present.Count > 0;

    public void Begin(Fault fault) => present.Add(fault);

    public void End(Fault fault) => present.Remove(fault);

    double Most(FaultKind kind)
    {
        double most = 0;
        foreach (Fault fault in present)
            most = fault.Kind == kind ? Math.Max(most, fault.Amount) : most;
        return most;
    }
}
