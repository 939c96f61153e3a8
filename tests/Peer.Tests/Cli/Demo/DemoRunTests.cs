using System.Diagnostics;
using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.Demo;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Cli.Run;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Tests.Cli.Demo;

/// <summary>The demo with shell scripts in the place of peers.</summary>
public sealed class DemoRunTests : IDisposable
{
    const string Start =
        """echo '{"kind":"start","peer":"x","step":0,"steps":5,"peers":2,"parameters":9,"device":"cpu","fingerprint":"f"}'; """;
    const string Finish = """echo '{"kind":"end","step":5,"reason":"finished","digest":"d1","seconds":1}'""";
    const string Left = """echo '{"kind":"end","step":3,"reason":"left","digest":"d1","seconds":1}'""";
    const string Obey = Start + "while read line; do if [ \"$line\" = leave ]; then " + Left
        + "; exit 0; fi; done; exit 3";

    readonly TemporaryFolder folder = new();
    readonly StringWriter output = new();
    FaultReport? faults;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("demo --dashboard 9000 --dashboard-token 0123456789abcdef")]
    [InlineData("demo --metrics 9464 --dashboard-token 0123456789abcdef --data d --tensorboard t --fresh")]
    public async Task The_command_line_of_a_peer_is_one_that_peer_run_takes(string line)
    {
        var demo = Assert.IsType<DemoOptions>((await CommandLineTests.Invoke(line)).Asked);
        var peer = new RosterEntry(0, "a", "127.0.0.1", 7000);
        var words = DemoCommandHandler.Arguments(demo, peer, "out", 1);
        var (_, asked, text) = await CommandLineTests.Invoke(string.Join(' ', words));
        Assert.True(asked is RunOptions { Id: "a", Child: true, Threads: 1 }, text);
    }

    async Task<int> Run(CancellationToken stop, TimeSpan? grace, params string[] scripts) =>
        await Run(stop, grace, true, scripts);

    async Task<int> Run(CancellationToken stop, TimeSpan? grace, bool restart, params string[] scripts)
    {
        var launch = new ChildLaunch("/bin/sh", ["-c"]);
        DemoPeer[] peers =
            [.. scripts.Select((s, i) => new DemoPeer($"p{i}", launch.With([s], 1), launch.With(["again=1; " + s], 1)))];
        var status = new RunStatus(peers.Select(p => p.Id), TimeProvider.System);
        var display = new PlainDisplay(output, TimeProvider.System, TimeSpan.FromSeconds(5));
        return await new DemoRun(
            peers, status, display, output, TimeProvider.System)
        {
            Grace = grace ?? TimeSpan.FromSeconds(10),
            RestartAfter = restart ? TimeSpan.FromMilliseconds(20) : null,
            Faults = faults,
        }.Run(stop);
    }

    /// <summary>The command that waits until a file is there.</summary>
    string Await(string name) => $"while [ ! -e {folder.File(name)} ]; do sleep 0.02; done; ";

    string Make(string name) => $"touch {folder.File(name)}; ";

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
    public async Task A_peer_that_is_killed_is_started_again_and_the_others_go_on()
    {
        faults = new FaultReport();
        var killed = Start + "if [ -z $again ]; then kill -9 $$; fi; " + Make("back") + Finish;
        Assert.Equal(ExitCode.Done, await Run(CancellationToken.None, null, Start + Await("back") + Finish, killed));
        var text = output.ToString();
        Assert.Contains("p1: its process ended by signal 9 (SIGKILL); it is started again in 1 s", text);
        Assert.Contains("Finished 5 steps.", text);
        Assert.Contains("digest         d1  p1, step 5", text);
        Assert.Matches(@"p0 .* 1       0 .*\n.*p1 .* 2       0 ", text); // starts
    }

    [Fact]
    public async Task A_peer_that_is_killed_often_is_started_as_often()
    {
        var killed = Start
            + $"echo >> {folder.File("count")}; if [ $(wc -l < {folder.File("count")}) -lt 6 ]; then kill -9 $$; fi; "
            + Make("back") + Finish;
        Assert.Equal(ExitCode.Done, await Run(CancellationToken.None, null, Start + Await("back") + Finish, killed));
    }

    [Fact]
    public async Task Without_restarts_the_others_go_on_and_the_summary_says_who_is_missing()
    {
        var step = """echo '{"kind":"step","step":3,"digest":"d0"}'; """;
        Assert.Equal(ExitCode.Done, await Run(CancellationToken.None, null, false, Start + Await("dead") + "sleep 0.1; " + Finish,
            Start + step + Make("dead") + "kill -9 $$"));
        var text = output.ToString();
        Assert.Contains("p1: its process ended by signal 9 (SIGKILL); the others continue without it", text);
        Assert.Contains("digest         d1  p0, step 5", text);
        Assert.Contains("missing        p1, gone since step 3", text);
        Assert.DoesNotContain("DIFFER", text);
    }

    [Fact]
    public async Task When_all_are_killed_nobody_finished()
    {
        Assert.Equal(ExitCode.Failed, await Run(CancellationToken.None, null, false, "kill -9 $$", "kill -9 $$"));
        Assert.Contains("No peer stopped cleanly.", output.ToString());
    }

    [Fact]
    public async Task A_peer_that_fails_once_is_started_again()
    {
        var failing = Start + "if [ -z $again ]; then echo no port >&2; exit 1; fi; " + Make("back") + Finish;
        Assert.Equal(ExitCode.Done, await Run(CancellationToken.None, null, Start + Await("back") + Finish, failing));
        Assert.Contains("p1: its process ended with code 1 (no port); it is started again in 1 s", output.ToString());
    }

    [Theory]
    [InlineData("exit 1", true, "with code 1", 2)]
    [InlineData("kill -6 $$", true, "by signal 6 (SIGABRT)", 2)] // a crash, not somebody's wish
    [InlineData("exit 2", true, "with code 2", 0)]
    [InlineData("exit 1", false, "with code 1", 0)]
    public async Task A_peer_that_fails_again_and_again_ends_the_demo(string end, bool restart, string how, int restarts)
    {
        Assert.Equal(ExitCode.Failed, await Run(CancellationToken.None, null, restart, Obey, Start + end));
        var text = output.ToString();
        Assert.Contains($"Peer p1 ended {how}; the demo ended the others.", text);
        Assert.Equal(restarts, text.Split("started again").Length - 1);
        Assert.Contains("p0: left at step 3", text);
    }

    [Fact]
    public async Task Who_comes_back_when_the_others_have_finished_is_let_go()
    {
        var late = Start + "if [ -z $again ]; then kill -9 $$; fi; " + Make("back") + Obey;
        Assert.Equal(ExitCode.Done,
            await Run(CancellationToken.None, TimeSpan.FromSeconds(1), Start + Await("back") + Finish, late));
        var text = output.ToString();
        Assert.Contains("digest         d1  p1, step 3", text);
        Assert.Contains("Some peers ended before step 5;", text);
    }

    [Fact]
    public async Task Nobody_is_started_again_when_the_demo_stops()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        Assert.Equal(ExitCode.Done, await Run(stop.Token, null, Obey, Start + "read line; kill -9 $$"));
        var text = output.ToString();
        Assert.DoesNotContain("again in", text);
        Assert.Contains("missing        p1, gone since step 0", text);
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
