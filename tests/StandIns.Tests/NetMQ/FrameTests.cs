using NetMQ;
using NetMQ.Sockets;

namespace DecentralizedLion.StandIns.Tests.NetMQ;

public sealed class FrameTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(1 << 20)]
    public void Two_frames_arrive_as_they_were(int size)
    {
        byte[] head = Bytes(size, 1);
        byte[] body = Bytes(size, 2);
        using var link = new Loopback();
        Assert.True(link.Push.TrySendMultipartBytes(Loopback.Patience, head, body));
        List<byte[]>? frames = null;
        Assert.True(link.Pull.TryReceiveMultipartBytes(Loopback.Patience, ref frames));
        Assert.Equal([head, body], frames);
        Assert.False(link.Pull.HasIn);
    }

    [Fact]
    public void Msg_carries_pooled_memory_both_ways()
    {
        using var link = new Loopback();
        var sent = new Msg();
        sent.InitPool(100_000);
        Bytes(100_000, 3).CopyTo(sent.Slice());
        Assert.True(link.Push.TrySend(ref sent, Loopback.Patience, more: true));
        Assert.True(sent.IsEmpty);
        sent.Close();
        var tail = new Msg();
        tail.InitGC(Bytes(10, 4), 2, 5);
        Assert.True(link.Push.TrySend(ref tail, Loopback.Patience, more: false));
        tail.Close();

        var got = new Msg();
        got.InitEmpty();
        Assert.True(link.Pull.TryReceive(ref got, Loopback.Patience));
        Assert.True(got.HasMore);
        Assert.True(link.Pull.Options.ReceiveMore);
        Assert.Equal(100_000, got.Size);
        Assert.Equal(Bytes(100_000, 3), got.CloneData());
        Assert.True(link.Pull.TryReceive(ref got, Loopback.Patience));
        Assert.False(got.HasMore);
        Assert.Equal(Bytes(10, 4)[2..7], got.ToArray());
        Assert.False(link.Pull.TryReceive(ref got, TimeSpan.Zero));
        Assert.Equal(5, got.Size);
        got.Close();
        Assert.Throws<FaultException>(() =>
        {
            var unset = default(Msg);
            unset.Close();
        });
    }

    [Fact]
    public void Msg_slices_are_bounded_by_its_size()
    {
        var msg = new Msg();
        msg.InitPool(10);
        Bytes(10, 5).CopyTo(msg.Slice());
        Assert.Equal(10, msg.Slice().Length);
        Assert.Equal(7, msg.Slice(3).Length);
        Assert.Equal(2, msg.Slice(3, 2).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => msg.Slice(11));
        msg.TrimPrefix(4);
        Assert.Equal(Bytes(10, 5)[4..], msg.ToArray());
        msg.Put(9, 0);
        Assert.Equal(9, msg[0]);
        var other = new Msg();
        other.InitEmpty();
        other.Move(ref msg);
        Assert.Equal(6, other.Size);
        Assert.True(msg.IsEmpty);
        other.Close();
        msg.Close();
    }

    [Fact]
    public void Messages_keep_their_order()
    {
        const int count = 20_000;
        using var link = new Loopback();
        int received = 0;
        for (int sent = 0; sent < count; sent++)
        {
            byte[] number = BitConverter.GetBytes(sent);
            while (!link.Push.TrySendMultipartBytes(number, number))
                received = Drain(link.Pull, received, TimeSpan.FromMilliseconds(50));
        }

        while (received < count)
        {
            int before = received;
            received = Drain(link.Pull, received, Loopback.Patience);
            Assert.NotEqual(before, received);
        }
    }

    [Fact]
    public void Dealer_and_router_know_each_other_by_routing_id()
    {
        using var router = new RouterSocket();
        int port = router.BindRandomPort("tcp://127.0.0.1");
        using var dealer = new DealerSocket($">tcp://127.0.0.1:{port}");
        dealer.SendFrame("question");
        List<byte[]>? frames = null;
        Assert.True(router.TryReceiveMultipartBytes(Loopback.Patience, ref frames));
        Assert.Equal(2, frames.Count);
        Assert.Equal("question"u8.ToArray(), frames[1]);
        router.SendMoreFrame(frames[0]).SendFrame("answer");
        Assert.True(dealer.TryReceiveFrameString(Loopback.Patience, out string answer));
        Assert.Equal("answer", answer);
    }

    static int Drain(PullSocket pull, int next, TimeSpan patience)
    {
        while (pull.TryReceiveFrameBytes(patience, out byte[] first, out bool more))
        {
            Assert.True(more);
            Assert.Equal(next, BitConverter.ToInt32(first));
            Assert.Equal(first, pull.ReceiveFrameBytes(out more));
            Assert.False(more);
            next++;
            patience = TimeSpan.Zero;
        }

        return next;
    }

    static byte[] Bytes(int size, int seed)
    {
        byte[] bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
