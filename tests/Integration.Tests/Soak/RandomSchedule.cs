using DecentralizedLion.Integration.Tests.Schedules;

namespace DecentralizedLion.Integration.Tests.Soak;

/// <summary>Schedules that a seed decides.</summary>
sealed class RandomSchedule(IReadOnlyList<string> names, Random random)
{
    /// <summary>One peer is killed at a random moment, whatever it is doing, and started again, so many times. The others step on
    /// in between; the killed may be killed again before it is back.</summary>
    public IEnumerable<ScheduleEntry> Kills(int count)
    {
        yield return new ScheduleEntry(Trigger.AllIn, FaultAction.Wait);
        for (var kill = 0; kill < count; kill++)
        {
            var victim = Any();
            yield return new ScheduleEntry(Between(0, 4), FaultAction.Kill, victim);
            yield return new ScheduleEntry(Between(0, 2), FaultAction.Start, victim);
            yield return new ScheduleEntry(Trigger.Recovery, FaultAction.Wait);
        }
    }

    /// <summary>Faults of all kinds, one after the other.</summary>
    /// <param name="isOver">Whether it is enough.</param>
    /// <param name="survived">Takes each fault in words, when all are back.</param>
    public IEnumerable<ScheduleEntry> Faults(Func<bool> isOver, Action<string>? survived = null)
    {
        string? done = null;
        while (!isOver())
        {
            // Two at once may be more than a quorum can spare; in between all come back.
            yield return new ScheduleEntry(Trigger.AllIn, FaultAction.Wait);
            if (done is not null)
                survived?.Invoke(done);
            if (isOver())
                break;
            var victim = Any();
            var (what, entries) = random.Next(10) switch
            {
                < 4 => ($"kill {victim}", Killed(victim)),
                4 or 5 => ($"freeze {victim}", Frozen(victim)),
                6 => ($"empty disk {victim}", EmptyDisk(victim)),
                7 => ($"leave {victim}", Left(victim)),
                8 => ("kill all", AllKilled()),
                _ => ($"kill {victim} again", KilledComingBack(victim)),
            };
            foreach (var entry in entries)
                yield return entry;
            done = what;
        }
    }

    IEnumerable<ScheduleEntry> Killed(string victim) =>
        [new(Between(0, 3), FaultAction.Kill, victim), new(Between(0, 2), FaultAction.Start, victim),
            new(Trigger.Recovery, FaultAction.Wait)];

    IEnumerable<ScheduleEntry> KilledComingBack(string victim) =>
        [.. Killed(victim), new(Trigger.IsUp(victim), FaultAction.Wait), .. Killed(victim)];

    IEnumerable<ScheduleEntry> Frozen(string victim) =>
        [new(Between(0, 3), FaultAction.Freeze, victim), new(Between(0.1, 6), FaultAction.Thaw, victim)];

    IEnumerable<ScheduleEntry> EmptyDisk(string victim) =>
    [
        new(Between(0, 3), FaultAction.Kill, victim), new(Between(0, 2), FaultAction.Wipe, victim),
        new(Trigger.Seconds(0), FaultAction.Start, victim),
    ];

    IEnumerable<ScheduleEntry> Left(string victim) =>
        [new(Between(0, 3), FaultAction.Leave, victim), new(Between(0, 2), FaultAction.Start, victim)];

    IEnumerable<ScheduleEntry> AllKilled() =>
        [new(Between(0, 3), FaultAction.Kill, names), new(Between(0, 1), FaultAction.Start, names)];

    string Any() => names[random.Next(names.Count)];

    Trigger Between(double least, double most) => Trigger.Seconds(least + random.NextDouble() * (most - least));
}
