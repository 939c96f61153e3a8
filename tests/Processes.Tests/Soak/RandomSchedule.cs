using DecentralizedLion.Processes.Tests.Schedules;

namespace DecentralizedLion.Processes.Tests.Soak;

/// <summary>Schedules that a seed decides.</summary>
sealed class RandomSchedule(IReadOnlyList<string> names, Random random)
{
    /// <summary>One peer is killed at a random moment, whatever it is doing, and started again, so many times. The others step on in
    /// between; the killed may be killed again before it is back.</summary>
    public IEnumerable<Deed> Kills(int count)
    {
        yield return new Deed(Moment.AllIn, Act.Wait);
        for (var kill = 0; kill < count; kill++)
        {
            var victim = Any();
            yield return new Deed(Between(0, 4), Act.Kill, victim);
            yield return new Deed(Between(0, 2), Act.Start, victim);
            yield return new Deed(Moment.Recovery, Act.Wait);
        }
    }

    /// <summary>Faults of all kinds, one after the other.</summary>
    /// <param name="isOver">Whether it is enough.</param>
    public IEnumerable<Deed> Faults(Func<bool> isOver)
    {
        while (!isOver())
        {
            // Two at once may be more than a quorum can spare; in between all come back.
            yield return new Deed(Moment.AllIn, Act.Wait);
            var victim = Any();
            foreach (var deed in random.Next(10) switch
            {
                < 4 => Killed(victim),
                4 or 5 => Frozen(victim),
                6 => Wiped(victim),
                7 => Left(victim),
                8 => AllKilled(),
                _ => KilledComingBack(victim),
            })
                yield return deed;
        }
    }

    IEnumerable<Deed> Killed(string victim) =>
        [new(Between(0, 3), Act.Kill, victim), new(Between(0, 2), Act.Start, victim), new(Moment.Recovery, Act.Wait)];

    IEnumerable<Deed> KilledComingBack(string victim) =>
        [.. Killed(victim), new(Moment.IsUp(victim), Act.Wait), .. Killed(victim)];

    IEnumerable<Deed> Frozen(string victim) => [new(Between(0, 3), Act.Freeze, victim), new(Between(0.1, 6), Act.Thaw, victim)];

    IEnumerable<Deed> Wiped(string victim) =>
    [
        new(Between(0, 3), Act.Kill, victim), new(Between(0, 2), Act.Wipe, victim), new(Moment.Seconds(0), Act.Start, victim),
    ];

    IEnumerable<Deed> Left(string victim) => [new(Between(0, 3), Act.Leave, victim), new(Between(0, 2), Act.Start, victim)];

    IEnumerable<Deed> AllKilled() => [new(Between(0, 3), Act.Kill, names), new(Between(0, 1), Act.Start, names)];

    string Any() => names[random.Next(names.Count)];

    Moment Between(double least, double most) => Moment.Seconds(least + random.NextDouble() * (most - least));
}
