using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>The table of where the time of this start's steps went, in 80 columns: of the last steps, where there are
/// many.</summary>
sealed class ProfileReport
{
    /// <summary>Earlier steps than so many are left out, so that memory is bounded.</summary>
    public const int StepsMax = 4096;

    const int HopsMax = 16;
    const string Wait = "wait";

    readonly Queue<Profiled> steps = new();

    /// <summary>Takes a step's profile in.</summary>
    public void Add(Profiled step)
    {
        if (steps.Count == StepsMax)
            steps.Dequeue();
        steps.Enqueue(step);
    }

    /// <summary>Writes the table.</summary>
    public void Write(TextWriter output)
    {
        if (steps.Count == 0)
        {
            output.WriteLine("Profile: no step was made.");
            return;
        }
        output.WriteLine($"Profile of {steps.Count} step{(steps.Count == 1 ? "" : "s")} ({steps.Min(step => step.Step)} to "
            + $"{steps.Max(step => step.Step)})");
        output.WriteLine($"{"part",-12} {"median ms",12} {"p90 ms",12} {"share",8}");
        foreach (var name in steps.Last().Parts.Keys)
        {
            Row(output, name, step => step.Parts.GetValueOrDefault(name));
            if (name == Wait)
                WriteHops(output);
        }
        Row(output, "step", step => step.Seconds);
        output.WriteLine("hop: waiting for the segments of one hop of the exchange, a part of wait.");
    }

    /// <summary>Of a large ring only the hops that were waited for longest.</summary>
    void WriteHops(TextWriter output)
    {
        var hops = Enumerable.Range(0, steps.Max(step => step.Hops.Count));
        foreach (var hop in hops.OrderByDescending(hop => steps.Sum(step => Of(step, hop))).Take(HopsMax).Order())
            Row(output, $"  hop {hop + 1}", step => Of(step, hop));

        static double Of(Profiled step, int hop) => hop < step.Hops.Count ? step.Hops[hop] : 0;
    }

    void Row(TextWriter output, string name, Func<Profiled, double> seconds)
    {
        double[] sorted = [.. steps.Select(seconds).Order()];
        output.WriteLine(Format.Text($"{name,-12} {Milliseconds(At(0.5)),12} {Milliseconds(At(0.9)),12} ")
            + $"{Format.Percent(sorted.Sum() / steps.Sum(step => step.Seconds)),8}");

        // The nearest rank: the smallest value that at least this part does not exceed.
        double At(double part) => sorted[Math.Max(0, (int)Math.Ceiling(part * sorted.Length) - 1)];

        static string Milliseconds(double seconds) => Format.Text($"{seconds * 1000:0.000}");
    }
}
