using DecentralizedLion.Peer.Training;

namespace DecentralizedLion.Peer.Tests.Training;

public sealed class ReplayProgressTests
{
    readonly ManualTime time = new();

    [Fact]
    public void A_long_replay_is_reported_every_two_seconds_with_the_time_that_is_left()
    {
        var replay = new ReplayProgress(() => 103, time);
        List<string> reports = [];
        for (var step = 3; step <= 103; step++)
        {
            if (replay.Report(step) is { } report)
                reports.Add(report);
            time.Advance(0.1);
        }
        Assert.Equal(["20", "40", "60", "80"], reports.Select(report => report.Split(' ')[5]));
        Assert.Equal("applying steps up to 103: 20 %, about 8 s left", reports[0]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(15)]
    public void A_peer_that_is_a_few_steps_behind_all_the_time_reports_nothing(int behind)
    {
        long last = 0;
        var replay = new ReplayProgress(() => last, time);
        for (var step = 1; step <= 100; step++)
        {
            last = step + behind;
            Assert.Null(replay.Report(step));
            time.Advance(1);
        }
    }

    [Fact]
    public void A_peer_that_is_sent_back_in_a_replay_is_reported_from_there_on()
    {
        var replay = new ReplayProgress(() => 300, time);
        Assert.Null(replay.Report(200));
        time.Advance(60);
        Assert.Null(replay.Report(100));
        time.Advance(2);
        Assert.Equal("applying steps up to 300: 50 %, about 2 s left", replay.Report(200));
    }

    [Fact]
    public void A_second_replay_begins_anew()
    {
        long last = 101;
        var replay = new ReplayProgress(() => last, time);
        Assert.Null(replay.Report(1));
        time.Advance(60);
        Assert.Null(replay.Report(101));
        last = 201;
        Assert.Null(replay.Report(101));
        time.Advance(2);
        Assert.Equal("applying steps up to 201: 50 %, about 2 s left", replay.Report(151));
    }
}
