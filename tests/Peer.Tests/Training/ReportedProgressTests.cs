using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Training;

namespace DecentralizedLion.Peer.Tests.Training;

public sealed class ReportedProgressTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    static string Line(PeerEvent happened) => EventLine.Write(happened) + "\n";

    static Stepped Step(long step) => new(step, 1, 0.1, 2, 3, 4, 5, 6, 0.5, "d");

    long Of(string text)
    {
        File.WriteAllText(folder.File("metrics.jsonl"), text);
        return ReportedProgress.Step(folder.File("metrics.jsonl"));
    }

    [Fact]
    public void The_last_whole_line_of_a_step_counts()
    {
        Assert.Equal(0, ReportedProgress.Step(folder.File("missing")));
        Assert.Equal(0, Of(""));
        Assert.Equal(0, Of(Line(new Note("step 7"))));
        Assert.Equal(7, Of(Line(Step(6)) + Line(Step(7)) + Line(new Note("x"))));
        Assert.Equal(6, Of(Line(Step(6)) + Line(Step(7))[..^1])); // torn
        Assert.Equal(3, Of(Line(Step(9)) + Line(Step(3)) + "no JSON\n"));
        Assert.Equal(2000, Of(string.Concat(Enumerable.Range(1, 2000).Select(step => Line(Step(step))))));
    }
}
