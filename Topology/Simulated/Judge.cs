namespace DecentralizedLion.Topology.Simulated;

/// <summary>Keeps the first broken promise.</summary>
sealed class Judge(VirtualClock clock)
{
    /// <summary>Which promise was broken, when, and what happened instead; null: none.</summary>
    public string? Failure { get; private set; }

    public void Broken(string promise, string happened) => Failure ??= $"{Fault.Seconds(clock.Elapsed)}: {promise}; but {happened}";
}
