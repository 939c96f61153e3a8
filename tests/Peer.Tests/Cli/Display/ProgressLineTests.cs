using DecentralizedLion.Peer.Cli.Display;

namespace DecentralizedLion.Peer.Tests.Cli.Display;

public sealed class ProgressLineTests : IDisposable
{
    readonly ManualTime time = new();
    readonly StringWriter text = new();

    public void Dispose() => text.Dispose();

    [Fact]
    public void Work_that_is_done_within_two_seconds_has_no_progress()
    {
        using (var progress = new ProgressLine(text, 80, time))
        {
            time.Advance(1.9);
            progress.Report(0.5, $"5 of 10 runs");
        }
        Assert.Equal("", text.ToString());
    }

    [Fact]
    public void In_a_terminal_one_line_is_written_over_with_the_time_left_and_goes_away()
    {
        using (var progress = new ProgressLine(text, 80, time))
        {
            time.Advance(10);
            progress.Report(0.25, $"1 of {4} runs");
            progress.Report(0.26, $"1 of {4} runs"); // too soon
            time.Advance(10);
            progress.Report(0.5, $"2 of {4} runs");
            progress.Around(() => text.WriteLine("a result"));
            time.Advance(10);
            progress.Report(0.75, $"3 of {4} runs");
        }
        const string First = "25.0 %  1 of 4 runs, 30 s left", Second = "50.0 %  2 of 4 runs, 20 s left",
            Third = "75.0 %  3 of 4 runs, 10 s left";
        var blank = new string(' ', First.Length);
        Assert.Equal($"\r{First}\r{Second}\r{blank}\ra result{Environment.NewLine}\r{Third}\r{blank}\r", text.ToString());
    }

    [Fact]
    public void Elsewhere_there_is_a_line_every_ten_seconds()
    {
        using (var progress = new ProgressLine(text, null, time))
            for (var second = 1; second <= 30; second++)
            {
                time.Advance(1);
                progress.Report(second / 40.0, $"{second} of 40 runs");
            }
        Assert.Equal(["5.0 %  2 of 40 runs, 38 s left", "30.0 %  12 of 40 runs, 28 s left", "55.0 %  22 of 40 runs, 18 s left"],
            text.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Other_work_has_a_time_of_its_own_and_a_line_fits_the_terminal()
    {
        using var progress = new ProgressLine(text, 20, time);
        time.Advance(1000);
        progress.Restart();
        time.Advance(4);
        progress.Report(0.5, $"{1} of 2");
        Assert.Equal("\r50.0 %  1 of 2, 4 s", text.ToString());
    }
}
