using System.Diagnostics;
using NetMQ;
using NetMQ.Monitoring;
using NetMQ.Sockets;

namespace DecentralizedLion.StandIns.Tests.NetMQ;

public sealed class SocketTests
{
    [Fact]
    public void New_sockets_have_NetMQs_defaults()
    {
        using var socket = new DealerSocket();
        Assert.Equal(TimeSpan.Zero, socket.Options.Linger);
        Assert.Equal(1000, socket.Options.SendHighWatermark);
        Assert.Equal(1000, socket.Options.ReceiveHighWatermark);
        Assert.Equal(TimeSpan.FromMilliseconds(100), socket.Options.ReconnectInterval);
        Assert.Equal(TimeSpan.Zero, socket.Options.ReconnectIntervalMax);
        Assert.Equal(-1, socket.Options.MaxMsgSize);
        Assert.Equal(100, socket.Options.Backlog);
        Assert.Equal(-1, socket.Options.TcpKeepaliveCnt);
        Assert.Equal(TimeSpan.FromMilliseconds(-1), socket.Options.TcpKeepaliveIdle);
        Assert.True(socket.Options.IPv4Only);
        Assert.False(socket.Options.DelayAttachOnConnect);
        Assert.False(socket.Options.TcpKeepalive);
        Assert.False(socket.Options.CurveServer);
        Assert.Empty(socket.Options.Identity);
    }

    [Fact]
    public void Options_keep_what_is_set()
    {
        using var socket = new PushSocket();
        SocketOptions options = socket.Options;
        options.Linger = TimeSpan.FromSeconds(3);
        options.SendHighWatermark = 7;
        options.ReconnectIntervalMax = TimeSpan.FromSeconds(2);
        options.MaxMsgSize = 5_000_000_000;
        options.SendBuffer = 1 << 18;
        options.ReceiveBuffer = 1 << 17;
        options.TcpKeepalive = true;
        options.TcpKeepaliveIdle = TimeSpan.FromSeconds(9);
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(250);
        options.HeartbeatTimeout = TimeSpan.FromMilliseconds(750);
        options.HeartbeatTtl = TimeSpan.FromSeconds(1);
        options.DelayAttachOnConnect = true;
        options.Identity = [1, 2, 3];
        Assert.Equal(TimeSpan.FromSeconds(3), options.Linger);
        Assert.Equal(7, options.SendHighWatermark);
        Assert.Equal(TimeSpan.FromSeconds(2), options.ReconnectIntervalMax);
        Assert.Equal(5_000_000_000, options.MaxMsgSize);
        Assert.Equal(1 << 18, options.SendBuffer);
        Assert.Equal(1 << 17, options.ReceiveBuffer);
        Assert.True(options.TcpKeepalive);
        Assert.Equal(TimeSpan.FromSeconds(9), options.TcpKeepaliveIdle);
        Assert.Equal(TimeSpan.FromMilliseconds(250), options.HeartbeatInterval);
        Assert.Equal(TimeSpan.FromMilliseconds(750), options.HeartbeatTimeout);
        Assert.Equal(TimeSpan.FromSeconds(1), options.HeartbeatTtl);
        Assert.True(options.DelayAttachOnConnect);
        Assert.Equal([1, 2, 3], options.Identity);
    }

    [Fact]
    public void A_full_queue_refuses_and_does_not_block()
    {
        using var push = new PushSocket();
        push.Options.SendHighWatermark = 5;
        push.Connect("tcp://127.0.0.1:1");
        for (int i = 0; i < 5; i++)
            Assert.True(push.TrySendFrame([1]));
        var clock = Stopwatch.StartNew();
        Assert.False(push.TrySendFrame([1]));
        Assert.False(push.TrySendMultipartBytes([1], [2]));
        Assert.False(push.HasOut);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5));
        Assert.False(push.TrySendFrame(TimeSpan.FromMilliseconds(60), [1]));
        Assert.True(clock.Elapsed >= TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public void Without_a_connection_DelayAttachOnConnect_refuses()
    {
        using var push = new PushSocket();
        push.Options.DelayAttachOnConnect = true;
        push.Connect("tcp://127.0.0.1:1");
        Assert.False(push.TrySendFrame([1]));
    }

    [Fact]
    public void A_link_comes_back_when_the_other_side_is_bound_anew()
    {
        using var link = new Loopback(push => push.Options.ReconnectInterval = TimeSpan.FromMilliseconds(20));
        link.Push.SendFrame("before");
        Assert.True(link.Pull.TryReceiveFrameString(Loopback.Patience, out string text));
        Assert.Equal("before", text);
        link.Pull.Dispose();

        using var again = new PullSocket();
        Assert.True(Loopback.Eventually(() => TryBind(again, link.Address)));
        Assert.True(Loopback.Eventually(() =>
        {
            link.Push.TrySendFrame("after");
            return again.TryReceiveFrameString(TimeSpan.FromMilliseconds(20), out text) && text == "after";
        }));
    }

    [Fact]
    public void A_frame_above_MaxMsgSize_is_not_delivered()
    {
        using var link = new Loopback(pull: pull => pull.Options.MaxMsgSize = 1000);
        link.Push.SendFrame(new byte[1001]);
        Assert.False(link.Pull.TryReceiveFrameBytes(Loopback.Silence, out _));
        Assert.True(Loopback.Eventually(() =>
        {
            link.Push.TrySendFrame(new byte[1000]);
            return link.Pull.TryReceiveFrameBytes(TimeSpan.FromMilliseconds(20), out byte[] frame) && frame.Length == 1000;
        }));
    }

    [Fact]
    public void Errors_have_their_code()
    {
        using var link = new Loopback();
        using var second = new PullSocket();
        Assert.Equal(
            ErrorCode.AddressAlreadyInUse,
            Assert.Throws<AddressAlreadyInUseException>(() => second.Bind(link.Address)).ErrorCode);
        Assert.Equal(ErrorCode.Invalid, Assert.Throws<InvalidException>(() => second.Bind("nonsense")).ErrorCode);
        Assert.Equal(
            ErrorCode.ProtocolNotSupported,
            Assert.Throws<NetMQException>(() => second.Connect("carrier-pigeon://coop")).ErrorCode);
        second.Dispose();
        second.Dispose();
        Assert.True(second.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => second.Bind(link.Address));
    }

    [Fact]
    public void Unbind_and_disconnect_end_the_flow()
    {
        using var link = new Loopback();
        link.Push.SendFrame("here");
        Assert.True(link.Pull.TryReceiveFrameString(Loopback.Patience, out _));
        link.Push.Disconnect(link.Address);
        Assert.True(Loopback.Eventually(() => !link.Push.TrySendFrame("gone")));
        link.Pull.Unbind(link.Address);
        using var other = new PullSocket();
        Assert.True(Loopback.Eventually(() => TryBind(other, link.Address)));
    }

    [Fact]
    public void A_socket_pair_is_joined()
    {
        PairSocket.CreateSocketPair(out PairSocket left, out PairSocket right);
        using (left)
        using (right)
        {
            left.SendFrame("one");
            Assert.Equal("one", right.ReceiveFrameString());
            right.SendFrame("two");
            Assert.Equal("two", left.ReceiveFrameString());
        }
    }

    [Fact]
    public void Poll_calls_the_handlers()
    {
        using var link = new Loopback();
        int received = 0;
        link.Pull.ReceiveReady += (_, e) => received += e.IsReadyToReceive && e.Socket.TrySkipFrame() ? 1 : 0;
        Assert.False(link.Pull.Poll(TimeSpan.FromMilliseconds(1)));
        link.Push.SendFrame("one");
        Assert.True(link.Pull.Poll(Loopback.Patience));
        Assert.Equal(1, received);
    }

    [Fact]
    public void A_monitor_tells_of_connections()
    {
        using var pull = new PullSocket();
        using var poller = new NetMQPoller();
        using var monitor = new NetMQMonitor(pull, "inproc://monitored", SocketEvents.All);
        using var accepted = new ManualResetEventSlim();
        using var disconnected = new ManualResetEventSlim();
        monitor.Accepted += (_, _) => accepted.Set();
        monitor.Disconnected += (_, e) => disconnected.Set();
        monitor.AttachToPoller(poller);
        poller.RunAsync();
        int port = pull.BindRandomPort("tcp://127.0.0.1");
        using (var push = new PushSocket($">tcp://127.0.0.1:{port}"))
        {
            Assert.True(accepted.Wait(Loopback.Patience));
        }

        Assert.True(disconnected.Wait(Loopback.Patience));
        poller.Stop();
        monitor.DetachFromPoller();
    }

    static bool TryBind(PullSocket socket, string address)
    {
        try
        {
            socket.Bind(address);
            return true;
        }
        catch (AddressAlreadyInUseException)
        {
            // libzmq closes the old listener on a thread of its own, a moment later.
            return false;
        }
    }
}
