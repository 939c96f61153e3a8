using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Metrics;
using Spectre.Console;

namespace DecentralizedLion.Peer.Tests.Cli.Display;

public class DisplayTests
{
    readonly ManualTime time = new();
    readonly RunStatus status;

    public DisplayTests() => status = new RunStatus(["a", "b"], time);

    static Stepped Step(long step, string digest = "00112233445566778899") =>
        new(step, 1.25, 0.001, 2.01, 12_345, 0.02, 0.003, 2, 0.75, digest);

    void Tell(PeerEvent happened, IDisplay? display = null, params string[] ids)
    {
        foreach (var id in ids.Length == 0 ? ["a", "b"] : ids)
        {
            status.Apply(id, happened);
            display?.Updated(status, id, happened);
        }
    }

    [Fact]
    public void The_time_left_follows_the_pace()
    {
        Assert.Null(status.Left);
        Tell(new Started("a", 0, 100, 2, 1000, "cpu", "f"));
        for (var step = 1; step <= 10; step++)
        {
            time.Advance(0.5);
            Tell(Step(step));
        }
        Assert.Equal(45, status.Left!.Value.TotalSeconds, 1e-6);
        Assert.Equal(10, status.Step);
        Tell(Step(11), null, "a");
        Assert.Equal(10, status.Step);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("", true)]
    [InlineData("1", false)]
    public void NO_COLOR_takes_the_colours_off(string? set, bool hasColors)
    {
        Tell(new Started("a", 0, 100, 2, 1000, "cpu", "f"));
        Tell(new Note("waits for b"));
        var colors = DisplayFactory.Colors(name => name == "NO_COLOR" ? set : null);
        Assert.Equal(hasColors ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors, colors);
        using var text = new StringWriter();
        AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = hasColors ? ColorSystemSupport.Standard : colors, // a file would be found to have none
            Out = new AnsiConsoleOutput(text),
        }).Write(TableDisplay.Render("t", status));
        Assert.Contains("waits for b", text.ToString());
        Assert.Equal(hasColors, text.ToString().Contains("\u001b[93m", StringComparison.Ordinal));
    }

    [Fact]
    public void Plain_lines_come_with_time_and_with_evaluations()
    {
        using var text = new StringWriter();
        using var display = new PlainDisplay(text, time, TimeSpan.FromSeconds(5));
        Tell(new Started("a", 0, 100, 2, 1000, "cpu", "f"), display);
        for (var step = 1; step <= 20; step++)
        {
            time.Advance(0.5);
            Tell(Step(step), display);
        }
        var evaluated = new Evaluated(20, 0.5, 0.9312, 1000, 0.1, "00");
        Tell(evaluated, display, "a");
        Tell(evaluated with { }, display, "b");
        Tell(new Note("waits for b"), display, "a");
        Tell(new Ended(20, Ended.Left, "0011", 3), display, "a");
        Assert.Equal(
            [
                "2 peers, 1000 parameters, step 0 of 100",
                "step 9/100  loss 1.250  voters 2  sent 12.3 kB/step (2.01 bits/parameter)  compute 20.0 ms  exchange 3.0 ms  "
                    + "46 s to go",
                "step 19/100  loss 1.250  voters 2  sent 12.3 kB/step (2.01 bits/parameter)  compute 20.0 ms  exchange 3.0 ms  "
                    + "41 s to go",
                "step 20/100  test accuracy 93.1 %  test loss 0.500  (1000 samples)  40 s to go",
                "a: waits for b",
                "a: left at step 20, digest 0011",
            ], text.ToString().TrimEnd().Split('\n').Select(l => l.TrimEnd()));
    }

    [Fact]
    public void The_table_shows_every_peer_and_the_progress()
    {
        Tell(new Started("a", 0, 100, 2, 1_234_567, "cpu", "f"));
        Tell(Step(50));
        Tell(new Evaluated(50, 0.5, 0.5, 1000, 0.1, "00"));
        Tell(new Note("[not markup]"), null, "a");
        var text = Draw();
        foreach (
            var piece in new[] { "│ a ", "│ b ", "001122334455", "50.0 %", "12.3 kB", "step 50 of 100", "1235 k parameters",
                "a: [not markup]", "████" })
            Assert.Contains(piece, text);
    }

    [Fact]
    public void The_table_has_everybodys_state_and_fits_80_columns()
    {
        Tell(new Started("a", 0, 100, 2, 1_234_567, "cpu", "f"));
        Tell(Step(50) with { Abstained = ["b"] });
        status.Apply("a", new Fault("diverged", "a", "other weights", null, 50, time.GetUtcNow()));
        var lines = Draw(80).Split('\n');
        Assert.All(lines, line => Assert.InRange(line.TrimEnd().Length, 0, 80));
        Assert.Contains(lines, line => line.TrimEnd().EndsWith("│ state     │", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("│ a ", StringComparison.Ordinal) && line.Contains(" repairing "));
        Assert.Contains(lines, line => line.StartsWith("│ b ", StringComparison.Ordinal) && line.Contains(" late "));
        Assert.Contains(lines, line => line.StartsWith("a: other weights", StringComparison.Ordinal));
    }

    [Fact]
    public void The_live_table_ends_when_it_is_disposed()
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.Yes });
        console.Profile.Width = 160;
        using (var display = new TableDisplay(console, "demo", status))
            Tell(Step(7), display);
        Assert.Contains("digest", text.ToString());
    }

    [Theory]
    [InlineData("00", "00", true)]
    [InlineData("00", "01", false)]
    public void The_summary_tells_whether_digests_are_one(string a, string b, bool equal)
    {
        Tell(new Started("a", 0, 100, 2, 1000, "cpu", "f"));
        Tell(Step(100));
        Tell(new Ended(100, Ended.Finished, a, 1), null, "a");
        Tell(new Ended(100, Ended.Finished, b, 1), null, "b");
        using var text = new StringWriter();
        Assert.Equal(equal, RunSummary.Write(text, status, left: false));
        Assert.Equal(!equal, text.ToString().Contains("DIFFER"));
        Assert.Contains("Finished 100 steps.", text.ToString());
        Assert.Contains($"digest         {a}  a, step 100", text.ToString());
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1234, "1.2 kB")]
    [InlineData(2_700_000, "2.70 MB")]
    public void Bytes_are_short(double bytes, string text) => Assert.Equal(text, Format.Bytes(bytes));

    [Theory]
    [InlineData(5.2, "6 s")]
    [InlineData(600, "10 min")]
    [InlineData(36_000, "10.0 h")]
    public void Durations_are_short(double seconds, string text)
        => Assert.Equal(text, Format.Duration(TimeSpan.FromSeconds(seconds)));

    string Draw(int width = 160)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No });
        console.Profile.Width = width;
        console.Write(TableDisplay.Render("demo", status, width));
        return text.ToString();
    }
}
