using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Tests.Cli.Display;

public sealed class ProfileReportTests
{
    static Profiled Step(long step, double wait, double apply, params double[] hops) =>
        new(step, wait + apply, new Dictionary<string, double> { ["wait"] = wait, ["apply"] = apply }, hops);

    static string[] Lines(params IEnumerable<Profiled> steps)
    {
        var report = new ProfileReport();
        foreach (var step in steps)
            report.Add(step);
        using var text = new StringWriter();
        report.Write(text);
        return text.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }

    [Fact]
    public void It_has_a_row_for_each_part_and_hop_and_one_for_the_step() => Assert.Equal(
        [
            "Profile of 3 steps (7 to 9)",
            "part            median ms       p90 ms    share",
            "wait                2.000        6.000   75.0 %",
            "  hop 1             1.000        6.000   66.7 %",
            "  hop 2             0.000        1.000    8.3 %",
            "apply               1.000        1.000   25.0 %",
            "step                3.000        7.000  100.0 %",
            "hop: waiting for the segments of one hop of the exchange, a part of wait.",
        ],
        Lines(Step(7, 0.001, 0.001, 0.001), Step(8, 0.006, 0.001, 0.006), Step(9, 0.002, 0.001, 0.001, 0.001)));

    [Fact]
    public void Of_many_hops_and_steps_only_some_are_there()
    {
        var hops = Enumerable.Range(0, 30).Select(hop => hop % 2 == 0 ? 0.001 : 0.002).ToArray();
        var lines = Lines(Enumerable.Range(1, ProfileReport.StepsMax + 5).Select(step => Step(step, hops.Sum(), 0, hops)));
        Assert.Equal("Profile of 4096 steps (6 to 4101)", lines[0]);
        Assert.Equal(16, lines.Count(line => line.StartsWith("  hop", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.StartsWith("  hop 30 ", StringComparison.Ordinal));
        Assert.Equal(["Profile: no step was made."], Lines([]));
    }

    [Fact]
    public void The_document_has_the_parts_in_their_order()
    {
        var section = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations.md"))
            .Split("\n## ").Single(text => text.StartsWith("Where a step's time goes", StringComparison.Ordinal));
        Assert.Equal(Enum.GetNames<StepPart>().Select(name => $"`{name.ToLowerInvariant()}`"),
            section.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
                .Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1]));
    }
}
