using System.Collections.Concurrent;
using NetMQ;

namespace DecentralizedLion.StandIns.Tests.NetMQ;

public sealed class PollerTests
{
    [Fact]
    public async Task Tasks_from_other_threads_run_on_the_pollers_thread()
    {
        using var poller = new NetMQPoller();
        poller.RunAsync();
        int first = await OnPoller(poller, () => Environment.CurrentManagedThreadId);
        int[] threads = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(
            () => OnPoller(poller, () => poller.CanExecuteTaskInline ? Environment.CurrentManagedThreadId : -1))));
        Assert.All(threads, t => Assert.Equal(first, t));
        Assert.NotEqual(first, Environment.CurrentManagedThreadId);
        Assert.False(poller.CanExecuteTaskInline);
        poller.Stop();
    }

    [Fact]
    public async Task Awaits_return_to_the_pollers_thread()
    {
        using var poller = new NetMQPoller();
        poller.RunAsync();
        (int before, int after) = await await Task.Factory.StartNew(
            async () =>
            {
                int start = Environment.CurrentManagedThreadId;
                await Task.Run(() => Assert.False(poller.CanExecuteTaskInline));
                return (start, Environment.CurrentManagedThreadId);
            },
            CancellationToken.None, TaskCreationOptions.None, poller);
        Assert.Equal(before, after);
        poller.Stop();
    }

    [Fact]
    public void Run_uses_the_given_context()
    {
        using var poller = new NetMQPoller();
        var context = new SynchronizationContext();
        SynchronizationContext? seen = null;
        var timer = new NetMQTimer(1);
        timer.Elapsed += (_, _) =>
        {
            seen = SynchronizationContext.Current;
            poller.Stop();
        };
        poller.Add(timer);
        poller.Run(context);
        Assert.Same(context, seen);
        Assert.False(poller.IsRunning);
    }

    [Fact]
    public void Timers_repeat_until_disabled()
    {
        using var poller = new NetMQPoller();
        int fast = 0;
        var quick = new NetMQTimer(TimeSpan.FromMilliseconds(2));
        var off = new NetMQTimer(1) { Enable = false };
        var end = new NetMQTimer(15) { Enable = false };
        quick.Elapsed += (_, e) =>
        {
            if (++fast < 5)
                return;
            e.Timer.Enable = false;
            end.EnableAndReset();
        };
        off.Elapsed += (_, _) => fast = 1000;
        end.Elapsed += (_, _) => poller.Stop();
        poller.Add(quick);
        poller.Add(off);
        poller.Add(end);
        poller.Run();
        Assert.Equal(5, fast);
    }

    [Fact]
    public void Handlers_are_called_while_something_is_there()
    {
        using var link = new Loopback();
        using var poller = new NetMQPoller { link.Pull };
        int calls = 0;
        link.Pull.ReceiveReady += (_, e) =>
        {
            calls++;
            e.Socket.SkipFrame();
            if (calls == 10)
                poller.Stop();
        };
        for (int i = 0; i < 10; i++)
            link.Push.SendFrame([1]);
        poller.Run();
        Assert.Equal(10, calls);
    }

    [Fact]
    public void SendReady_is_awaited_only_while_it_has_a_handler()
    {
        using var link = new Loopback();
        using var poller = new NetMQPoller { link.Push, link.Pull };
        int sends = 0;
        int loops = 0;
        EventHandler<NetMQSocketEventArgs>? send = null;
        send = (_, e) =>
        {
            Assert.True(e.Socket.TrySendFrame([1]));
            sends++;
            link.Push.SendReady -= send;
        };
        link.Push.SendReady += send;
        link.Pull.ReceiveReady += (_, e) =>
        {
            e.Socket.SkipFrame();
            if (++loops == 3)
                poller.Stop();
            else
                link.Push.SendReady += send;
        };
        poller.Run();
        Assert.Equal(3, sends);
    }

    [Fact]
    public void A_handler_may_remove_and_close_sockets()
    {
        using var one = new Loopback();
        using var two = new Loopback();
        one.Push.SendFrame([1]);
        two.Push.SendFrame([1]);
        Assert.True(one.Pull.Poll(PollEvents.PollIn, Loopback.Patience) == PollEvents.PollIn);
        Assert.True(two.Pull.Poll(PollEvents.PollIn, Loopback.Patience) == PollEvents.PollIn);
        using var poller = new NetMQPoller { one.Pull, two.Pull };
        var called = new List<object?>();
        var end = new NetMQTimer(20);
        end.Elapsed += (_, _) => poller.Stop();
        one.Pull.ReceiveReady += (sender, _) => Take(sender, two);
        two.Pull.ReceiveReady += (sender, _) => Take(sender, one);
        poller.Add(end);
        poller.Run();
        Assert.Single(called);

        void Take(object? sender, Loopback other)
        {
            called.Add(sender);
            poller.RemoveAndDispose(other.Pull);
            poller.Remove((ISocketPollable)sender!);
        }
    }

    [Fact]
    public async Task Sockets_come_and_go_while_it_runs()
    {
        using var link = new Loopback();
        using var poller = new NetMQPoller();
        using var got = new BlockingCollection<byte>();
        link.Pull.ReceiveReady += (_, e) => got.Add(e.Socket.ReceiveFrameBytes()[0]);
        poller.RunAsync("comings and goings");
        Assert.False(await poller.ContainsAsync(link.Pull));
        poller.Add(link.Pull);
        Assert.True(await poller.ContainsAsync(link.Pull));
        link.Push.SendFrame([1]);
        Assert.True(got.TryTake(out byte first, Loopback.Patience));
        Assert.Equal(1, first);
        poller.Remove(link.Pull);
        Assert.False(await poller.ContainsAsync(link.Pull));
        link.Push.SendFrame([2]);
        Assert.False(got.TryTake(out _, TimeSpan.FromMilliseconds(100)));
        poller.Add(link.Pull);
        Assert.True(got.TryTake(out byte second, Loopback.Patience));
        Assert.Equal(2, second);
        poller.Stop();
    }

    [Fact]
    public async Task It_stops_and_runs_again()
    {
        using var poller = new NetMQPoller();
        Assert.Throws<InvalidOperationException>(poller.Stop);
        for (int i = 0; i < 50; i++)
        {
            poller.RunAsync();
            Assert.True(poller.IsRunning);
            Assert.Throws<InvalidOperationException>(poller.RunAsync);
            if (i % 2 == 0)
                Assert.Equal(i, await OnPoller(poller, () => i));
            poller.Stop();
            Assert.False(poller.IsRunning);
        }

        poller.Dispose();
        Assert.True(poller.IsDisposed);
        Assert.Throws<ObjectDisposedException>(poller.RunAsync);
    }

    [Fact]
    public async Task A_queue_brings_values_from_other_threads()
    {
        using var queue = new NetMQQueue<int>();
        using var poller = new NetMQPoller { queue };
        var got = new List<int>();
        queue.ReceiveReady += (_, e) =>
        {
            while (e.Queue.TryDequeue(out int value, TimeSpan.Zero))
                got.Add(value);
            if (got.Count == 5000)
                poller.Stop();
        };
        var sender = Task.Run(() =>
        {
            for (int i = 0; i < 5000; i++)
                queue.Enqueue(i);
        });
        poller.Run();
        await sender;
        Assert.Equal(Enumerable.Range(0, 5000), got);
    }

    static Task<T> OnPoller<T>(NetMQPoller poller, Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, poller);
}
