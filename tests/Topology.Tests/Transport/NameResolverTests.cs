using System.Net;
using System.Net.Sockets;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Transport;

public sealed class NameResolverTests : IDisposable
{
    const string Silent = "silent.test", Quick = "quick.test", Unknown = "unknown.test";

    readonly ManualResetEventSlim answers = new();
    int lookUps;

    public void Dispose() => answers.Set(); // a look-up that goes on may still use it

    [Fact]
    public async Task A_silent_name_server_blocks_neither_another_name_nor_the_threads_of_others()
    {
        var resolver = new NameResolver(LookUp, new AcceleratedTime(0.01)); // nobody's time is over
        using var stop = new CancellationTokenSource();
        Task<IPAddress[]>[] waiting = [.. Enumerable.Range(0, 500).Select(_ => resolver.ResolveAsync(Silent, stop.Token))];
        Assert.Equal([IPAddress.Loopback], await resolver.ResolveAsync(Quick, stop.Token).WaitAsync(LoopbackTransports.Patience));
        Assert.Equal(3, await Task.Run(() => 3).WaitAsync(LoopbackTransports.Patience));
        stop.Cancel();
        foreach (Task<IPAddress[]> one in waiting)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one.WaitAsync(LoopbackTransports.Patience));
        Assert.Equal(2, lookUps);
    }

    [Fact]
    public async Task A_name_is_looked_up_once_at_a_time_and_anew_when_that_is_over()
    {
        var resolver = new NameResolver(LookUp, new AcceleratedTime(30));
        for (int i = 0; i < 3; i++)
            await Assert.ThrowsAsync<TimeoutException>(
                () => resolver.ResolveAsync(Silent, default).WaitAsync(LoopbackTransports.Patience));
        Assert.Equal(1, lookUps);
        // another resolver knows nothing of it
        Task<IPAddress[]> under = new NameResolver(LookUp, TimeProvider.System).ResolveAsync(Silent, default);
        answers.Set();
        Assert.Equal([IPAddress.Loopback], await under.WaitAsync(LoopbackTransports.Patience));
        LoopbackTransports.Until(() => resolver.ResolveAsync(Silent, default).Wait(LoopbackTransports.Patience) && lookUps > 2,
            "it is looked up again");
    }

    [Fact]
    public async Task Unknown_names_are_errors_and_addresses_need_no_look_up()
    {
        var resolver = new NameResolver(LookUp, TimeProvider.System);
        SocketException unknown = await Assert.ThrowsAsync<SocketException>(() => resolver.ResolveAsync(Unknown, default));
        Assert.Equal(SocketError.HostNotFound, unknown.SocketErrorCode);
        var empty = new NameResolver(_ => [], TimeProvider.System);
        Assert.Equal(SocketError.HostNotFound,
            (await Assert.ThrowsAsync<SocketException>(() => empty.ResolveAsync(Quick, default))).SocketErrorCode);
        Assert.Equal(1, lookUps);
        Assert.Equal([IPAddress.Parse("192.0.2.7")], await resolver.ResolveAsync("192.0.2.7", default));
        Assert.Equal([IPAddress.Parse("2001:db8::7")], await resolver.ResolveAsync("2001:db8::7", default));
        Assert.Equal(1, lookUps);
    }

    IPAddress[] LookUp(string name)
    {
        Interlocked.Increment(ref lookUps);
        if (name == Unknown)
            throw new SocketException((int)SocketError.HostNotFound);
        if (name == Silent)
            answers.Wait();
        return [IPAddress.Loopback];
    }
}
