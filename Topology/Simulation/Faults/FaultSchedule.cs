namespace DecentralizedLion.Topology.Simulation.Faults;

/// <summary>
/// The faults of a simulated run and their times. A fault that the ring need not survive (such as losing the disks of a quorum)
/// is skipped when its time comes, so that the invariants must hold for every schedule.
/// </summary>
/// <param name="Faults">In any order.</param>
sealed record FaultSchedule(IReadOnlyList<Fault> Faults)
{
    // Sides are bits of a number: of a larger ring one side has some of the first so many peers.
    const int SideMax = 30;

    /// <summary>All families.</summary>
    public static IReadOnlyList<FaultKind> AllKinds { get; } = Enum.GetValues<FaultKind>();

    /// <summary>Nothing goes wrong.</summary>
    public static FaultSchedule None { get; } = new([]);

    /// <summary>The time when the last fault is over.</summary>
    public TimeSpan End => Faults.Select(fault => fault.End).DefaultIfEmpty().Max();

    /// <summary>Draws a random subset of the families, and some faults of each.</summary>
    /// <param name="random">The seeded source.</param>
    /// <param name="peers">How many peers.</param>
    /// <param name="kinds">The families to draw from; null: all, the rare ones rarely.</param>
    public static FaultSchedule Draw(Random random, int peers, IReadOnlyList<FaultKind>? kinds = null)
    {
        var faults = new List<Fault>();
        TimeSpan begin = random.Next(4) == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(1);
        TimeSpan window = TimeSpan.FromSeconds(1 + 6 * random.NextDouble());
        while (faults.Count == 0)
        {
            foreach (FaultKind kind in kinds ?? AllKinds)
            {
                if (random.NextDouble() >= (kinds is null ? Usual(kind) : 0.7))
                    continue;
                int times = IsOnce(kind) ? 1 : random.Next(1, 4);
                for (int time = 0; time < times; time++)
                    faults.Add(DrawOne(random, kind, peers, begin + window * random.NextDouble()));
            }
        }
        return new FaultSchedule([.. faults.OrderBy(fault => fault.At)]);
    }

    /// <summary>Draws one fault of a family.</summary>
    /// <param name="random">The seeded source.</param>
    /// <param name="kind">The family.</param>
    /// <param name="peers">How many peers, at least 2.</param>
    /// <param name="at">When it happens.</param>
    public static Fault DrawOne(Random random, FaultKind kind, int peers, TimeSpan at)
    {
        at = Whole(at);
        int peer = random.Next(peers), other = (peer + 1 + random.Next(peers - 1)) % peers;
        var fault = new Fault(at, kind, peer);
        return kind switch
        {
            FaultKind.Loss => fault with { Peer = -1, For = Between(0.5, 5), Amount = Percent(0.3) },
            FaultKind.Repeat => fault with { Peer = -1, For = Between(0.5, 5), Amount = Percent(0.5) },
            FaultKind.Corrupt => fault with { Peer = -1, For = Between(0.5, 5), Amount = Percent(0.2) },
            FaultKind.Delay =>
                fault with { Peer = -1, For = Between(0.5, 5), Amount = random.Next(1, random.Next(3) == 0 ? 200 : 30) },
            FaultKind.Reorder => fault with { Peer = -1, For = Between(0.5, 5), Amount = random.Next(1, 40) },
            FaultKind.OneWayCut or FaultKind.Cut => fault with { Other = other, For = Between(0.2, 6) },
            FaultKind.Partition =>
                fault with { Peer = random.Next(1, (1 << Math.Min(peers, SideMax)) - 1), For = Between(0.5, 7) },
            FaultKind.Crash => fault with { For = Between(0.2, 5), Amount = random.Next(2) },
            FaultKind.TornWrite => fault with { For = Between(0.2, 3), Amount = random.Next(4) == 0 ? 1 : Percent(1) },
            FaultKind.CrashAll => fault with { Peer = -1, For = Between(0.1, 3) },
            FaultKind.Freeze => fault with { For = random.Next(5) == 0 ? Between(4, 20) : Between(0.1, 4) },
            FaultKind.Slow => fault with { For = Between(1, 5), Amount = random.Next(2, 11) },
            FaultKind.Wipe or FaultKind.Forget => fault with { For = Between(0.2, 3) },
            FaultKind.Leave => fault with { For = Between(0.2, 3) },
            FaultKind.LeaveTogether => fault with { Peer = Several(), For = Between(0.2, 3), Amount = random.Next(1001) },
            FaultKind.DiskFull => fault with { For = Between(0.2, 3) },
            FaultKind.Flip => fault with { Amount = Percent(1) },
            FaultKind.ForceNewRing => fault with { For = Between(2, 4) },
            _ => fault,
        };

        TimeSpan Between(double least, double most) => Whole(TimeSpan.FromSeconds(least + (most - least) * random.NextDouble()));
        int Several() => 1 << peer % SideMax | 1 << other % SideMax | random.Next(1 << Math.Min(peers, SideMax));
        double Percent(double most) => Math.Max(1, Math.Round(100 * most * random.NextDouble())) / 100;
    }

    /// <summary>One line a fault.</summary>
    public override string ToString() => Faults.Count == 0 ? "nothing goes wrong" : string.Join("\n", Faults);

    /// <summary>The usual number of a family's faults in a seed.</summary>
    static double Usual(FaultKind kind) => kind switch
    {
        FaultKind.ForceNewRing => 0.02,
        FaultKind.Flip => 0.06,
        FaultKind.CrashAll => 0.1,
        FaultKind.Wipe or FaultKind.Forget or FaultKind.DiskFull or FaultKind.Leave or FaultKind.LeaveTogether => 0.15,
        _ => 0.25,
    };

    static bool IsOnce(FaultKind kind) =>
        kind is FaultKind.CrashAll or FaultKind.Flip or FaultKind.ForceNewRing or FaultKind.LeaveTogether;

    static TimeSpan Whole(TimeSpan time) => TimeSpan.FromMilliseconds(Math.Round(time.TotalMilliseconds));
}
