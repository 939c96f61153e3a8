using System.Net.Sockets;
using System.Text;
using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.Supervision;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Tests.Cli.Supervision;

/// <summary>The protocol of systemd's sd_notify, spoken to a datagram socket as a service manager has it.</summary>
public sealed class LivenessReporterTests : IDisposable
{
    const string Variable = "NOTIFY_SOCKET";

    readonly TemporaryFolder folder = new();
    readonly Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public LivenessReporterTests()
    {
        socket.Bind(new UnixDomainSocketEndPoint(folder.File("notify")));
        Environment.SetEnvironmentVariable(Variable, folder.File("notify"));
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        socket.Dispose();
        folder.Dispose();
    }

    static ServiceManager Manager(params (string Name, string Value)[] environment) =>
        new(name => environment.FirstOrDefault(e => e.Name == name).Value);

    async Task<string> Receive()
    {
        var buffer = new byte[4096];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, limit.Token));
    }

    /// <summary>The messages that were sent and not received yet.</summary>
    async Task<List<string>> Rest()
    {
        var rest = new List<string>();
        while (socket.Available > 0)
            rest.Add(await Receive());
        return rest;
    }

    [Fact]
    public async Task A_peer_is_ready_when_its_ring_is_up_alive_while_it_answers_and_says_what_it_does()
    {
        var isUp = false;
        using var stop = new CancellationTokenSource();
        await using var reporter = new LivenessReporter(Manager(("WATCHDOG_USEC", "90000")), null, TimeProvider.System);
        reporter.Start(() => Task.FromResult(isUp), stop.Token);
        Assert.Equal("WATCHDOG=1", await Receive());
        Assert.Equal("STATUS=starting", await Receive());
        Assert.Equal("WATCHDOG=1", await Receive()); // again, the status only once
        isUp = true;
        await Until("READY=1");
        reporter.OnEvent(new Stepped(7, 0.25, 0.1, 2, 10, 0.1, 0.1, 4, 0.9, "d", View: 3));
        await Until("STATUS=step 7, loss 0.250, 4 voters, view 3");
        reporter.OnEvent(new Fault("paused", null, "paused: 1 of 4 peers reachable", null, 7, default));
        await Until("STATUS=paused: 1 of 4 peers reachable");
        stop.Cancel();
        await Until("STOPPING=1");

        async Task Until(string state)
        {
            string received;
            do
            {
                received = await Receive();
                Assert.True(received == state || received is "WATCHDOG=1", received);
            }
            while (received != state);
        }
    }

    [Fact]
    public async Task A_ring_that_hangs_shows_no_more_signs_of_life()
    {
        var asked = new TaskCompletionSource();
        var calls = 0;
        var file = folder.File("alive");
        var reporter = new LivenessReporter(Manager(("WATCHDOG_USEC", "90000")), new HealthFile(file), TimeProvider.System);
        reporter.Start(() =>
        {
            if (++calls == 1)
                return Task.FromResult(true);
            File.Delete(file);
            asked.SetResult();
            return new TaskCompletionSource<bool>().Task; // no answer
        }, default);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await reporter.DisposeAsync(); // it does not wait for the ring
        Assert.Equal(["READY=1", "WATCHDOG=1", "STATUS=starting"], await Rest());
        Assert.False(File.Exists(file));
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("30000000", null, true)]
    [InlineData("30000000", "1", false)] // another process's
    [InlineData("0", null, false)]
    [InlineData("soon", null, false)]
    public void The_watchdog_is_notified_where_there_is_one(string? microseconds, string? process, bool isNotified) =>
        Assert.Equal(isNotified ? TimeSpan.FromSeconds(30) : null,
            Manager(("WATCHDOG_USEC", microseconds!), ("WATCHDOG_PID", process!)).WatchdogTimeout);

    [Fact]
    public async Task A_service_manager_that_is_gone_disturbs_nobody()
    {
        var manager = Manager(("WATCHDOG_USEC", "90000"));
        socket.Dispose();
        manager.SendReady();
        manager.SendAlive("x");
        Environment.SetEnvironmentVariable(Variable, null);
        Assert.False(Manager().IsPresent);
        await using var reporter = new LivenessReporter(Manager(), null, TimeProvider.System);
        reporter.Start(() => throw new InvalidOperationException("nobody asked"), default);
    }

    [Fact]
    public async Task A_health_file_has_the_status_while_the_ring_answers_and_goes_away_at_the_end()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        var file = folder.File("alive");
        File.WriteAllText(file, "of an earlier process");
        var answers = new TaskCompletionSource<bool>();
        var reporter = new LivenessReporter(Manager(), new HealthFile(file), TimeProvider.System);
        Assert.False(File.Exists(file));
        reporter.OnEvent(new Fault("waiting", "b", "waiting for b", null, 0, default));
        reporter.Start(() => answers.Task, default);
        Assert.False(File.Exists(file));
        answers.SetResult(true);
        using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60)))
            while (!File.Exists(file) || File.ReadAllText(file) != "waiting for b\n")
                await Task.Delay(10, limit.Token);
        await reporter.DisposeAsync();
        Assert.False(File.Exists(file));
        Assert.Contains("--health-file: found",
            Assert.Throws<UsageException>(() => new HealthFile(folder.File("no/such"))).Message);
    }
}
