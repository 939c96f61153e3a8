using System.Net;
using System.Net.Sockets;
using Polly;
using Polly.Retry;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// The TLS connections between this peer and one other: two that are dialled, one for each channel, and those that the other one
/// made. Each is joined to a loopback connection of the link's ZeroMQ sockets.
/// </summary>
sealed class TlsLink : IDisposable
{
    // Two processes of one peer may be alive, and a connection may be dead here before its end is known.
    const int ConnectionsPerChannelMax = 4;
    const int SessionsMax = 8;

    static readonly TimeSpan firstRetry = TimeSpan.FromMilliseconds(50), retryMax = TimeSpan.FromSeconds(1),
        steadyAfter = TimeSpan.FromSeconds(1);
    static readonly TimeSpan loopbackLimit = TimeSpan.FromSeconds(5);

    readonly int loopbackPort;
    readonly ILinkSockets sockets;
    readonly Action<Action> post;
    readonly TimeProvider clock;
    readonly CancellationTokenSource stop = new();
    readonly List<(LinkChannel Channel, TlsConnection Connection)> inbound = [];
    readonly List<TlsConnection> outbound = [];
    readonly List<Task> dials = [];
    volatile ulong[] sessions = [];

    /// <summary>Makes a link that takes connections; <see cref="Dial"/> makes its own.</summary>
    /// <param name="loopbackPort">The loopback port at which the link's receiving ZeroMQ socket listens.</param>
    /// <param name="sockets">The link's ZeroMQ sockets.</param>
    /// <param name="keys">The keys of both sides.</param>
    /// <param name="post">Runs something on the loop.</param>
    /// <param name="clock">The clock of retries and time limits.</param>
    public TlsLink(int loopbackPort, ILinkSockets sockets, LinkKeys keys, Action<Action> post, TimeProvider clock) =>
        (this.loopbackPort, this.sockets, Keys, this.post, this.clock) = (loopbackPort, sockets, keys, post, clock);

    /// <summary>The keys by which both sides of the link's connections know each other.</summary>
    public LinkKeys Keys { get; }

    /// <summary>The port at which the other peer's latest process says that it listens; 0: it has not said so.</summary>
    public int ListeningPort { get; private set; }

    /// <summary>True when a process of the other peer has named this session number over TLS.</summary>
    public bool IsSession(ulong session) => Array.IndexOf(sessions, session) >= 0;

    /// <summary>Dials both channels, again and again, until the link is closed.</summary>
    public void Dial(TlsDialer dialer, ulong session, int listeningPort)
    {
        foreach (LinkChannel channel in (ReadOnlySpan<LinkChannel>)[LinkChannel.Control, LinkChannel.Data])
            dials.Add(KeepDialledAsync(dialer, new LinkPreamble(channel, session, (ushort)listeningPort)));
    }

    /// <summary>Takes a connection that the other peer made; it is this link's from then on.</summary>
    public async Task AdmitAsync(LinkPreamble preamble, TlsConnection connection)
    {
        if (!TryAdd(preamble, connection))
        {
            connection.Dispose();
            return;
        }
        try
        {
            using var loopback = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using (var limit = new TimeLimit(loopbackLimit, clock, stop.Token))
                await loopback.ConnectAsync(IPAddress.Loopback, loopbackPort, limit.Token);
            await ConnectionSplice.RunAsync(connection, loopback, clock);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The receiving socket was just closed, or does not accept, or no file handle is left: the other side dials again.
        }
        finally
        {
            lock (inbound)
                inbound.RemoveAll(known => known.Connection == connection);
            connection.Dispose();
        }
    }

    /// <summary>Dials no more; the connections that stand go on.</summary>
    public void StopDialling() => stop.Cancel();

    /// <summary>Dials no more, and gives what was sent last a moment to leave.</summary>
    public void Drain(TimeSpan patience)
    {
        StopDialling();
        Task.WaitAll([.. dials], patience);
    }

    /// <summary>Closes all connections at once.</summary>
    public void Dispose()
    {
        stop.Cancel();
        lock (inbound)
        {
            foreach (TlsConnection connection in (TlsConnection[])[.. inbound.Select(known => known.Connection), .. outbound])
                connection.Dispose();
        }
    }

    bool TryAdd(LinkPreamble preamble, TlsConnection connection)
    {
        TlsConnection? oldest = null;
        lock (inbound)
        {
            if (stop.IsCancellationRequested)
                return false;
            inbound.Add((preamble.LinkChannel, connection));
            if (inbound.Count(known => known.Channel == preamble.LinkChannel) > ConnectionsPerChannelMax)
            {
                int first = inbound.FindIndex(known => known.Channel == preamble.LinkChannel);
                oldest = inbound[first].Connection;
                inbound.RemoveAt(first);
            }
            if (!IsSession(preamble.Session))
                sessions = [.. sessions.TakeLast(SessionsMax - 1), preamble.Session];
            ListeningPort = preamble.ListeningPort;
        }
        oldest?.Dispose();
        return true;
    }

    async Task KeepDialledAsync(TlsDialer dialer, LinkPreamble preamble)
    {
        ResiliencePipeline<TlsConnection?> retry = new ResiliencePipelineBuilder<TlsConnection?> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<TlsConnection?>
            {
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome is { Result: null, Exception: null }),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = firstRetry,
                MaxDelay = retryMax,
            }).Build();
        try
        {
            while (true)
            {
                TlsConnection connection =
                    (await retry.ExecuteAsync(async token => await DialAsync(dialer, preamble, token), stop.Token))!;
                long start = clock.GetTimestamp();
                await ServeAsync(preamble.LinkChannel, connection);
                // Whoever lets us in and hangs up at once is not to be dialled without a pause.
                if (clock.GetElapsedTime(start) < steadyAfter)
                    await Task.Delay(firstRetry, clock, stop.Token);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The link is closed.
        }
    }

    async ValueTask<TlsConnection?> DialAsync(TlsDialer dialer, LinkPreamble preamble, CancellationToken token)
    {
        DialResult result;
        TlsConnection? connection = null;
        try
        {
            (result, connection) = await dialer.DialAsync(preamble, token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            result = dialer.Failed(e); // such as no file handle left: told, and tried again
        }
        post(() => sockets.OnDialled(preamble.LinkChannel, result));
        return connection;
    }

    /// <summary>Joins a dialled connection to the channel's ZeroMQ socket, which connects to a loopback port made for it
    /// alone.</summary>
    async Task ServeAsync(LinkChannel channel, TlsConnection connection)
    {
        using Socket acceptor = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        int port = 0;
        try
        {
            lock (inbound)
                outbound.Add(connection);
            // Not in the lock: with the filter below, an exception thrown in it left it taken in optimized builds of SDK
            // 10.0.401.
            stop.Token.ThrowIfCancellationRequested();
            acceptor.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            acceptor.Listen(1);
            port = ((IPEndPoint)acceptor.LocalEndPoint!).Port;
            post(() => sockets.Connect(channel, port));
            using var limit = new TimeLimit(loopbackLimit, clock, stop.Token);
            using Socket loopback = await acceptor.AcceptAsync(limit.Token);
            acceptor.Dispose();
            loopback.NoDelay = true;
            post(() => sockets.OnConnected(channel));
            await ConnectionSplice.RunAsync(connection, loopback, clock);
        }
        catch (Exception e)
            when (e is SocketException or ObjectDisposedException
                || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            // Dialled again, unless the link is closed.
        }
        finally
        {
            lock (inbound)
                outbound.Remove(connection);
            connection.Dispose();
            if (port != 0)
                post(() => sockets.OnDisconnected(channel, port));
        }
    }
}
