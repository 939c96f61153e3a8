using System.Text;
using DecentralizedLion.Peer.Cli.Dashboard.Reading;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Tests.Cli.Dashboard;

public sealed class StepLineTests
{
    static StepRow? Read(string line) => StepLine.TryRead(Encoding.UTF8.GetBytes(line));

    [Fact]
    public void A_step_is_read_as_it_was_written()
    {
        var step = MetricsWriter.Step(7, "b", "c", view: 3, why: "late") with { Ties = 0.125 };
        var line = EventLine.Write(step);
        Assert.True(StepLine.IsStep(Encoding.UTF8.GetBytes(line)));
        var row = Read(line)!;
        Assert.Equal((7, 3, "late"), (row.Step, row.View, row.Why));
        Assert.Equal(step.Digest[..16], $"{row.Digest:x16}");
        Assert.Equal(["b"], row.Abstained);
        Assert.Equal(["c"], row.Away);
        Assert.Equal(
            [step.Loss, step.LearningRate, step.Agreement, step.Flips, step.Zeros, step.Ties, step.Voters, step.ComputeSeconds,
                step.ExchangeSeconds, step.BytesSent, step.BitsPerParameter],
            Enum.GetValues<StepMetric>().Select(metric => row[metric]));
    }

    [Fact]
    public void What_is_null_or_missing_is_no_number()
    {
        var row = Read("""{"kind":"step","step":1,"loss":null,"digest":"00","view":1}""")!;
        Assert.All(Enum.GetValues<StepMetric>(), metric => Assert.Null(row[metric]));
        Assert.Empty(row.Away);
        Assert.Equal(0UL, row.Digest);
    }

    [Theory]
    [InlineData("""{"kind":"step","step":5""")]
    [InlineData("""{"kind":"step","step":"5"}""")]
    [InlineData("""{"kind":"step","step":5,"loss":[1]}""")]
    [InlineData("""{"kind":"step","loss":1}""")]
    [InlineData("""{"kind":"step","step":-5}""")]
    [InlineData("""{"kind":"step","step":5,"abstained":["a""")]
    [InlineData("")]
    [InlineData("\0\0\0")]
    public void A_damaged_line_is_none(string line) => Assert.Null(Read(line));

    [Theory]
    [InlineData("""{"kind":"step","step":5,"abstained":[1,null,["x"],"a"],"other":{"deep":[{}]},"away":null}""")]
    public void What_is_unknown_is_passed_over(string line) => Assert.Equal(["a"], Read(line)!.Abstained);
}
