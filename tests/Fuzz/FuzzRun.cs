using System.Diagnostics;
using DecentralizedLion.Fuzz.Inputs;

namespace DecentralizedLion.Fuzz;

/// <summary>Runs a parser over inputs that a seed decides, and judges what comes of each.</summary>
sealed class FuzzRun
{
    const int FailuresMax = 5;

    /// <summary>An input that takes so long hangs. Far more than any machine's load makes of a few milliseconds.</summary>
    static readonly TimeSpan Hangs = TimeSpan.FromSeconds(60);

    readonly Target target;
    readonly ulong seed;
    readonly Mutator mutator;
    readonly TextWriter? trace;
    long current, began;

    /// <param name="target">The parser.</param>
    /// <param name="seed">Decides all inputs.</param>
    /// <param name="trace">Where each input's number goes before it is run, to find the one that ends the process; or
    /// null.</param>
    public FuzzRun(Target target, ulong seed, TextWriter? trace = null)
    {
        (this.target, this.seed, this.trace) = (target, seed, trace);
        mutator = new Mutator(target.Seeds, target.IsText, target.Longest);
    }

    /// <summary>Inputs and what came of them.</summary>
    public FuzzStatistics FuzzStatistics { get; } = new();

    /// <summary>The command that runs one input again.</summary>
    public string Replay(long number) =>
        $"dotnet run -c Release --project tests/Fuzz -- --parser {target.Name} --seed {seed} --only {number}";

    /// <summary>Runs the inputs with numbers from one on. Stops early after a few failures.</summary>
    public void Run(long from, long count)
    {
        using var memory = new GuardedMemory(target.Longest);
        WarmUp(memory);
        using var watch = new Timer(_ => StopWhenItHangs(), null, Hangs, Hangs / 4);
        long started = Stopwatch.GetTimestamp();
        // The state that an input meets is that of its whole episode.
        long first = from - from % target.Episode;
        for (long number = first; number < from + count && FuzzStatistics.Failures.Count < FailuresMax; number++)
        {
            if (number % target.Episode == 0)
                target.Begin(new FuzzRandom(target.Name, seed, -2 - number));
            RunOne(memory, number, counts: number >= from);
        }
        FuzzStatistics.Elapsed += Stopwatch.GetElapsedTime(started);
        Interlocked.Exchange(ref began, 0);
    }

    /// <summary>Good inputs must be good; and what is compiled or made once is not to be counted later.</summary>
    void WarmUp(GuardedMemory memory)
    {
        for (int round = 0; round < 2; round++)
        {
            foreach (byte[] good in target.Seeds)
            {
                target.Begin(new FuzzRandom(target.Name, seed, -1));
                string outcome = target.Run(memory.Place(good));
                if (outcome != Target.Accepted && target.Episode == 1)
                    throw new InvalidOperationException($"{target.Name}: a good input was refused: {outcome}");
            }
        }
        // Refusals have parts of their own that are made once, such as their texts.
        var warm = new FuzzRandom(target.Name, ~seed, 0);
        target.Begin(warm);
        for (int number = 0; number < 200; number++)
        {
            try
            {
                target.Run(memory.Place(target.Repair(mutator.Make(warm), warm)));
            }
            catch (Exception)
            {
                return; // it is found again, and reported, when it counts
            }
        }
    }

    void RunOne(GuardedMemory memory, long number, bool counts)
    {
        var random = new FuzzRandom(target.Name, seed, number);
        byte[] input = mutator.Make(random);
        if (random.Below(4) > 0)
            input = target.Repair(input, random);
        if (input.Length > target.Longest)
            input = input[..target.Longest];
        ReadOnlyMemory<byte> placed = memory.Place(input);
        trace?.WriteLine($"{target.Name} {number}: {input.Length} bytes");
        Interlocked.Exchange(ref current, number);
        long start = Stopwatch.GetTimestamp();
        Interlocked.Exchange(ref began, start);
        long before = GC.GetAllocatedBytesForCurrentThread();
        string outcome;
        string? problem = null;
        try
        {
            outcome = target.Run(placed);
        }
        catch (Exception e)
        {
            outcome = e.GetType().Name;
            problem = e.ToString();
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (problem is null && allocated > target.MostAllocated(input.Length))
            problem = $"{allocated} bytes were allocated for {input.Length}; allowed are {target.MostAllocated(input.Length)}";
        if (problem is not null)
            FuzzStatistics.Failures.Add($"{target.Name}, seed {seed}, input {number}, {input.Length} bytes: {problem}\n"
                + $"  {Convert.ToHexStringLower(input.AsSpan(0, Math.Min(input.Length, 400)))}\n  again: {Replay(number)}");
        if (counts)
            FuzzStatistics.Add(outcome, allocated, Stopwatch.GetElapsedTime(start));
    }

    void StopWhenItHangs()
    {
        long start = Interlocked.Read(ref began);
        if (start == 0 || Stopwatch.GetElapsedTime(start) < Hangs)
            return;
        Console.Error.WriteLine(
            $"{target.Name}, seed {seed}: input {Interlocked.Read(ref current)} has taken more than {Hangs.TotalSeconds} s\n"
            + $"  again: {Replay(Interlocked.Read(ref current))}");
        Environment.Exit(3);
    }
}
