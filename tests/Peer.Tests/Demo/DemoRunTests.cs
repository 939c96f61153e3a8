using System.Diagnostics;
using DecentralizedLion.Peer.Commands;
using DecentralizedLion.Peer.Demo;
using DecentralizedLion.Peer.Display;

namespace DecentralizedLion.Peer.Tests.Demo;

/// <summary>The demo with shell scripts in the place of peers.</summary>
public class DemoRunTests
{
    const string Start = """echo '{"kind":"start","peer":"x","step":0,"steps":5,"peers":2,"parameters":9,"device":"cpu","fingerprint":"f"}'; """;
    const string Finish = """echo '{"kind":"end","step":5,"reason":"finished","digest":"d1","seconds":1}'""";
    const string Left = """echo '{"kind":"end","step":3,"reason":"left","digest":"d1","seconds":1}'""";
    const string Obey = Start + "while read line; do if [ \"$line\" = leave ]; then " + Left
        + "; exit 0; fi; done; exit 3";

    readonly StringWriter output = new();

    async Task<int> Run(CancellationToken stop, TimeSpan? grace, params string[] scripts)
    {
        var launch = new ChildLaunch("/bin/sh", ["-c"]);
        var peers = scripts.Select((s, i) => ($"p{i}", launch.With([s], 1))).ToArray();
        var board = new Board(peers.Select(p => p.Item1), TimeProvider.System);
        var display = new PlainDisplay(output, TimeProvider.System, TimeSpan.FromSeconds(5));
        return await new DemoRun(
            peers, board, display, output, TimeProvider.System)
        { Grace = grace ?? TimeSpan.FromSeconds(10) }.Run(stop);
    }

    [Fact]
    public async Task All_finish()
    {
        Assert.Equal(ExitCode.Done, await Run(CancellationToken.None, null, Start + Finish, Start + Finish));
        Assert.Contains("Finished 5 steps.", output.ToString());
    }

    [Fact]
    public async Task Different_digests_fail()
    {
        Assert.Equal(
            ExitCode.Failed, await Run(CancellationToken.None, null, Start + Finish, Start + Finish.Replace("d1", "d2")));
        Assert.Contains("DIFFER", output.ToString());
    }

    [Fact]
    public async Task A_peer_that_dies_ends_the_others_and_is_named_with_its_last_lines()
    {
        Assert.Equal(ExitCode.Failed, await Run(CancellationToken.None, null, Obey, Start + "echo boom >&2; exit 7"));
        var text = output.ToString();
        Assert.Contains("Peer p1 ended with code 7; the demo ended the others. Its last lines:", text);
        Assert.Contains("  boom", text);
        Assert.Contains("p0: left at step 3", text);
    }

    [Fact]
    public async Task A_peer_that_ends_without_a_word_has_died()
    {
        Assert.Equal(ExitCode.Failed, await Run(CancellationToken.None, null, Obey, Start));
        Assert.Contains("Peer p1 ended with code 0", output.ToString());
    }

    [Fact]
    public async Task Stopping_lets_all_leave_in_order()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        Assert.Equal(ExitCode.Done, await Run(stop.Token, null, Obey, Obey));
        Assert.Contains("Stopped in order after step 3 of 5;", output.ToString());
    }

    [Fact]
    public async Task Who_does_not_leave_is_killed()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        var watch = Stopwatch.StartNew();
        Assert.Equal(ExitCode.Failed, await Run(stop.Token, TimeSpan.FromSeconds(1), Obey, "exec sleep 60"));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30));
        Assert.Contains("Peer p1 did not leave within 1 s and was killed.", output.ToString());
    }

    [Fact]
    public void The_child_gets_its_share_of_threads()
    {
        var start = ChildLaunch.OfThisProgram().With(["run"], 3);
        Assert.Equal("3", start.Environment["OMP_NUM_THREADS"]);
        Assert.Equal("run", start.ArgumentList[^1]);
    }

    [Fact]
    public async Task A_parent_that_goes_away_stops_the_child()
    {
        using var signal = StopSignal.OfParent(TimeProvider.System, new StringReader("hello\nleave\n"));
        var stopped = new TaskCompletionSource();
        using var registration = signal.Token.Register(stopped.SetResult);
        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
