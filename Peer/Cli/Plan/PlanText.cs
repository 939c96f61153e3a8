using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Cli.Doctor;

namespace DecentralizedLion.Peer.Cli.Plan;

/// <summary>A plan as people read it.</summary>
static class PlanText
{
    /// <summary>As tables.</summary>
    public static void Write(PlanReport plan, TextWriter output)
    {
        output.WriteLine(Format.Text($"{plan.Parameters:N0} parameters, {plan.Peers} peers, ")
            + $"{LinkSpeed.Text(plan.LinkBitsPerSecond)}, latency {Time(plan.LatencySeconds)}"
            + (plan.GradientSeconds is { } seconds ? $", a gradient in {Time(seconds)}" : "")
            + Format.Text($", keep {plan.Keep}"));
        output.WriteLine();
        var hasShare = plan.GradientSeconds is not null;
        var rows = new List<string[]>
            { Row("method", "exchange", "bits/param", "sent/step", "time/step", hasShare ? "of a step" : null, "steps/h",
                "journal/h") };
        foreach (var method in plan.Methods)
            foreach (var one in new[] { method.Ring, method.Direct })
                rows.Add(Row(one == method.Ring ? method.Method : "", one.Exchange + (one.IsPlanned ? " *" : ""),
                    Format.Text($"{one.BitsPerParameter:0.00}"), Sizes.Text(one.BytesPerStep), Time(one.SecondsPerStep),
                    hasShare ? Format.Percent(one.ShareOfStep) : null, Format.Text($"{one.StepsPerHour:N0}"),
                    Sizes.Text(one.JournalBytesPerHour)));
        Align(rows, 2, output);
        if (plan.Methods.Any(method => method.Ring.IsPlanned || method.Direct.IsPlanned))
            output.WriteLine("* what peers.json sets, or what it comes to on these links where it says \"exchange\": \"auto\"");
        output.WriteLine();
        rows = [Row("method", "journal/step", "snapshot", "local state", "auto", "direct vs ring", "direct wins if")];
        rows.AddRange(plan.Methods.Select(
            method => Row(method.Method, Sizes.Text(method.JournalBytesPerStep), Sizes.Text(method.SnapshotBytes),
            Sizes.Text(method.OwnBytes), method.Automatic, Format.Text($"{method.DirectSpeedup:0.00} ×"), When(method))));
        Align(rows, 1, output);
        output.WriteLine();
        foreach (var line in plan.Assumptions)
            output.WriteLine($"- {line}");
    }

    static string When(MethodPlan method) => method.DirectNeeds switch
    {
        >= 0.995 and <= 1.005 => "never (equal at full speed)",
        > 1 => "never",
        var share => Format.Text($"its links together reach at least {100 * share:0.0} % of --link"),
    };

    static string[] Row(params string?[] cells) => [.. cells.OfType<string>()];

    /// <summary>Columns of text to the left, those of numbers to the right.</summary>
    static void Align(List<string[]> rows, int texts, TextWriter output)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (var row in rows)
            output.WriteLine(string.Join("  ", row.Select((cell, column) =>
                column < texts || char.IsLetter(rows[1][column][0])
                ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
    }

    static string Time(double seconds) => seconds switch
    {
        >= 100 => Format.Text($"{seconds:0} s"),
        >= 1 => Format.Text($"{seconds:0.00} s"),
        >= 1e-3 => Format.Text($"{seconds * 1e3:0.00} ms"),
        _ => Format.Text($"{seconds * 1e6:0.0} µs"),
    };
}
