using System.Diagnostics;
using System.Globalization;

namespace DecentralizedLion.Benchmarks.Faults;

/// <summary>
/// The others' pace with one peer ten times slower, and with one stopped, each against the same run undisturbed. Every gradient
/// takes a set time, as on a device of its own: four processes on two CPUs would otherwise gain from a slow one what it leaves
/// them.
/// </summary>
static class SlowBenchmark
{
    const int Peers = 4, Observer = 0, Slow = 3;

    static readonly TimeSpan settling = TimeSpan.FromSeconds(4), stopped = TimeSpan.FromSeconds(20);

    public static void Run(Options options, TextWriter output)
    {
        var seconds = TimeSpan.FromSeconds(options.Number("--seconds", 20));
        int pace = options.Number("--pace", 100);
        bool tells = options.Number("--tell", 0) != 0;
        options.Finish();
        output.WriteLine(
            $"Pace of three peers while the fourth is slow or stopped: {Peers} processes on loopback, the demo's model, a "
            + $"gradient takes {pace} ms; {seconds.TotalSeconds:F0} s a phase.");
        output.WriteLine($"Load of the machine before: {Machine.Load}.");
        using var fleet = new Fleet(FaultSettings.Demo, Peers, PacedPeer.Words) { Tells = tells };
        fleet.StartAll($"{pace}");
        fleet.AwaitWhole(0);

        var phases = new List<Phase> { Listen(fleet, "undisturbed", seconds) };
        Again(fleet, 10 * pace);
        phases.Add(Listen(fleet, "peer d 10 × slower", seconds));
        Again(fleet, pace);
        phases.Add(Listen(fleet, "undisturbed again", seconds));
        double usual = (phases[0].Pace.Rate + phases[2].Pace.Rate) / 2;
        Print(output, phases, usual);

        (Phase during, string told) = Stopped(fleet);
        Phase after = Listen(fleet, "after SIGCONT", seconds);
        output.WriteLine();
        Print(output, [phases[2] with { Name = "before SIGSTOP" }, during, after], phases[2].Pace.Rate);
        output.WriteLine();
        output.WriteLine(told);
        output.WriteLine($"The digests of all {fleet.Steps} steps were equal on all peers. Load at the end: {Machine.Load}.");
    }

    static Phase Listen(Fleet fleet, string name, TimeSpan time)
    {
        fleet.Listen(settling);
        return Phase.Of(name, fleet.Listen(time));
    }

    static void Again(Fleet fleet, int pace)
    {
        fleet.Leave(Slow);
        int mark = fleet.Mark;
        fleet.Start(Slow, $"{pace}");
        fleet.AwaitWhole(mark);
    }

    static (Phase During, string Reported) Stopped(Fleet fleet)
    {
        string name = fleet.Names[Slow];
        int mark = fleet.Mark;
        long stop = fleet.Signal(Slow, Fleet.Stop);
        double detected = Stopwatch.GetElapsedTime(stop, fleet.Await("a step without the stopped peer", mark,
            said => said.Peer == Observer && said.Step?.Away.Contains(name) == true).At).TotalSeconds;
        Phase during = Phase.Of("stopped, from detection on", fleet.Listen(stopped - Stopwatch.GetElapsedTime(stop)));
        int back = fleet.Mark;
        long goes = fleet.Signal(Slow, Fleet.Continue);
        fleet.AwaitWhole(back);
        double whole = Stopwatch.GetElapsedTime(goes).TotalSeconds;
        int suspicions = fleet.Since(back).Count(said => said.Peer == Slow && said.IsFault("suspected"));
        return (during, string.Create(CultureInfo.InvariantCulture,
            $"SIGSTOP to the first step without it: {detected:F2} s. SIGCONT to the first step "
            + $"with all: {whole:F2} s. The stopped peer suspected others {suspicions} times."));
    }

    static void Print(TextWriter output, IEnumerable<Phase> phases, double usual)
    {
        output.WriteLine();
        output.WriteLine("| phase | rate / undisturbed | steps/s | median step ms | steps without d's ballot |");
        output.WriteLine("|--|--|--|--|--|");
        foreach (Phase phase in phases)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {phase.Name} | **{phase.Pace.Rate / usual:F3}** | {phase.Pace.Rate:F2} | "
                + $"{1e3 * phase.Pace.Median:F1} | {100 * phase.Without:F0} % |"));
        }
    }

    /// <summary>The steps of an undisturbed peer for a while.</summary>
    sealed record Phase(string Name, StepPace Pace, double Without)
    {
        public static Phase Of(string name, IReadOnlyList<ReceivedEvent> heard) => new(name, StepPace.Of(heard, Observer),
            heard.Where(said => said.Peer == Observer && said.Step is not null).Average(said =>
                said.Step!.Abstained.Concat(said.Step.Away).Contains($"{(char)('a' + Slow)}") ? 1.0 : 0));
    }
}
