namespace DecentralizedLion.Topology.Simulation;

/// <summary>The counts of what happened in simulated runs.</summary>
sealed record SimulationCounts
{
    /// <summary>Steps decided, each counted once.</summary>
    public long Steps { get; set; }

    /// <summary>Views after the first.</summary>
    public long ViewChanges { get; set; }

    /// <summary>Views with another way of the exchange than the one before.</summary>
    public long ExchangeChanges { get; set; }

    /// <summary>Views that only share out the samples anew.</summary>
    public long Rebalances { get; set; }

    /// <summary>Steps begun again in a later view.</summary>
    public long Reruns { get; set; }

    /// <summary>Times that the peers were cut into two sides.</summary>
    public long Partitions { get; set; }

    /// <summary>Single links that were cut.</summary>
    public long Cuts { get; set; }

    /// <summary>Processes killed.</summary>
    public long Crashes { get; set; }

    /// <summary>Processes frozen.</summary>
    public long Freezes { get; set; }

    /// <summary>Disks, or the promises on them, lost.</summary>
    public long LostDisks { get; set; }

    /// <summary>Peers that came back by the records they missed, or had missed none.</summary>
    public long RejoinsByRecords { get; set; }

    /// <summary>Peers that came back by a snapshot.</summary>
    public long RejoinsBySnapshot { get; set; }

    /// <summary>Rings begun anew from one disk.</summary>
    public long ForcedNewRings { get; set; }

    /// <summary>Replicas repaired after a bit flipped.</summary>
    public long Repairs { get; set; }

    /// <summary>Pairs that stopped because their replicas differed.</summary>
    public long DivergenceStops { get; set; }

    /// <summary>Ballots missing in decided steps.</summary>
    public long Abstentions { get; set; }

    /// <summary>Frames asked for again.</summary>
    public long Retries { get; set; }

    /// <summary>Frames sent.</summary>
    public long Frames { get; set; }

    /// <summary>Adds another run's numbers.</summary>
    public void Add(SimulationCounts other)
    {
        Steps += other.Steps;
        ViewChanges += other.ViewChanges;
        ExchangeChanges += other.ExchangeChanges;
        Rebalances += other.Rebalances;
        Reruns += other.Reruns;
        Partitions += other.Partitions;
        Cuts += other.Cuts;
        Crashes += other.Crashes;
        Freezes += other.Freezes;
        LostDisks += other.LostDisks;
        RejoinsByRecords += other.RejoinsByRecords;
        RejoinsBySnapshot += other.RejoinsBySnapshot;
        ForcedNewRings += other.ForcedNewRings;
        Repairs += other.Repairs;
        DivergenceStops += other.DivergenceStops;
        Abstentions += other.Abstentions;
        Retries += other.Retries;
        Frames += other.Frames;
    }

    /// <summary>All of them, in one line.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"{Steps:N0} steps, {ViewChanges:N0} view changes ({ExchangeChanges:N0} of the exchange, {Rebalances:N0} of batches), ")
        + FormattableString.Invariant($"{Reruns:N0} re-runs, {Partitions:N0} partitions, {Cuts:N0} cuts, ")
        + FormattableString.Invariant(
            $"{Crashes:N0} crashes, {Freezes:N0} freezes, {LostDisks:N0} disks lost, {RejoinsByRecords:N0} rejoins by records, ")
        + FormattableString.Invariant(
            $"{RejoinsBySnapshot:N0} by snapshot, {ForcedNewRings:N0} forced new rings, {Repairs:N0} repairs, ")
        + FormattableString.Invariant(
            $"{DivergenceStops:N0} stops by divergence, {Abstentions:N0} abstentions, {Retries:N0} retries, {Frames:N0} frames");
}
