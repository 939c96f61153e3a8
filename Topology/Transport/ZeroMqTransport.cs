using System.Buffers;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using NetMQ;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// The transport over ZeroMQ: a receiving socket for each other peer, and two sending ones, control and data. All ZeroMQ sockets
/// belong to one thread, which is also the loop that the member runs on. With keys TLS stands in front of them, on threads of the
/// system's pool.
/// </summary>
sealed class ZeroMqTransport : ITransport, IDisposable
{
    static readonly TimeSpan RebindEvery = TimeSpan.FromMilliseconds(20), RebindPatience = TimeSpan.FromSeconds(2);

    // Eight rings of 256 peers. A link has a socket of each channel and direction, and an insecure one two monitors with two
    // sockets each.
    const int SocketsMax = 8 * 8 * PeerSet.Capacity;

    readonly int self;
    readonly LinkLimits bounds;
    readonly TlsFront? front;
    readonly PeerLink?[] links;
    readonly NetMQPoller poller = new();
    readonly Thread thread;
    readonly PollerContext context;
    readonly ArrayBufferWriter<byte> envelope = new(FrameHeader.MaxLength);
    TransportEndpoints endpoints;
    bool disposed;

    // Once in a process, and before its first socket, which settles both: what one pool gave must not be returned to another, and
    // the limit is of the whole process. NetMQConfig.Cleanup, which ends NetMQ's threads, is of the whole process, too: it would
    // take the sockets of other transports along, and is not called. The threads are background threads, which end with the
    // process.
    static ZeroMqTransport()
    {
        ArrayBufferPool.Install();
        NetMQConfig.MaxSockets = Math.Max(NetMQConfig.MaxSockets, SocketsMax);
    }

    /// <summary>Binds and dials; <see cref="Start"/> starts to receive.</summary>
    /// <param name="self">Our roster index.</param>
    /// <param name="endpoints">Where to listen and whom to dial.</param>
    /// <param name="bounds">What is accepted, and what waits to be sent, at most.</param>
    /// <param name="session">This process's session number, which all its frames carry; not 0 where there are keys.</param>
    /// <param name="names">The peers' ids; null: their indices.</param>
    /// <exception cref="RingAddressException">An address cannot be listened at.</exception>
    public ZeroMqTransport(int self, TransportEndpoints endpoints, LinkLimits bounds, ulong session = 0,
        IReadOnlyList<string>? names = null)
        : this(self, endpoints, bounds, session, names, null)
    {
    }

    /// <summary>
    /// Binds and dials with a look-up of names of the caller's. <paramref name="hindered"/> takes a peer that cannot be listened
    /// for, and why, and one that cannot be dialled is let be; without it either is an exception.
    /// </summary>
    internal ZeroMqTransport(int self, TransportEndpoints endpoints, LinkLimits bounds, ulong session,
        IReadOnlyList<string>? names, NameResolver? resolver, Action<int, RingAddressException>? hindered = null)
    {
        (this.self, this.endpoints, this.bounds) = (self, endpoints, bounds);
        links = new PeerLink?[endpoints.Bind.Count];
        Counters = new LinkCounters(links.Length);
        Resolver = resolver ?? new NameResolver(Clock);
        context = new PollerContext(poller);
        if (endpoints.Keys is not null)
        {
            ArgumentOutOfRangeException.ThrowIfZero(session);
            front = new TlsFront(links.Length, session, peer => names?[peer] ?? $"{peer}", Resolver,
                action => context.Post(_ => action(), null), rejection => Rejected?.Invoke(rejection), Clock);
        }
        thread = new Thread(() => poller.Run(context)) { Name = "ring", IsBackground = true };
        try
        {
            for (int peer = 0; peer < links.Length; peer++)
            {
                if (peer != self)
                    Try(peer, Open(peer).Listen, hindered);
            }
            for (int peer = 0; peer < links.Length; peer++)
            {
                if (links[peer] is { } link)
                    Try(peer, link.Dial, hindered is null ? null : (_, _) => { });
            }
        }
        catch
        {
            foreach (PeerLink? link in links)
                link?.Dispose();
            front?.Dispose();
            poller.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public FrameHandler? Handler { get; set; }

    /// <inheritdoc/>
    public Action<int>? PeerDisconnected { get; set; }

    /// <inheritdoc/>
    public Action<int>? ConnectionClosed { get; set; }

    /// <inheritdoc/>
    public Action<RejectedConnection>? Rejected { get; set; }

    /// <inheritdoc/>
    public bool IsAuthenticated => endpoints.Keys is not null;

    /// <inheritdoc/>
    public LinkCounters Counters { get; }

    /// <summary>The front of encrypted links.</summary>
    internal TlsFront Front => front ?? throw new InvalidOperationException("the links are insecure");

    /// <summary>Looks up host names.</summary>
    internal NameResolver Resolver { get; }

    /// <summary>The clock of links.</summary>
    internal TimeProvider Clock { get; } = TimeProvider.System;

    /// <summary>Starts the thread.</summary>
    public void Start()
    {
        thread.Start();
        context.Post(_ =>
        {
            foreach (PeerLink? link in links)
                link?.Follow();
        }, null);
    }

    /// <summary>Runs something on the loop and gives its result to any thread.</summary>
    public Task<T> InvokeAsync<T>(Func<Task<T>> action)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        context.Post(async _ =>
        {
            try
            {
                done.TrySetResult(await action());
            }
            catch (Exception e)
            {
                done.TrySetException(e); // for the caller's thread to handle
            }
        }, null);
        return done.Task;
    }

    /// <summary>
    /// Makes anew the links whose address or key is another than before, on the loop. What was under way on them is lost, as in a
    /// broken connection; the others go on.
    /// </summary>
    /// <param name="now">The endpoints from now on, of the same roster.</param>
    /// <param name="time">The clock, for the moment that the system takes to give an address back.</param>
    /// <returns>What hinders links that cannot be made yet; calling again tries again.</returns>
    public async Task<IReadOnlyList<string>> ReconnectAsync(TransportEndpoints now, TimeProvider time)
    {
        int[] changed = [.. Enumerable.Range(0, links.Length).Where(peer => peer != self && !endpoints.IsSameLink(now, peer))];
        endpoints = now;
        foreach (int peer in changed)
            front?.Close(peer);
        foreach (int peer in changed)
            links[peer]!.Dispose(); // all, before one is made: the new ones may use each other's old ports
        foreach (int peer in changed)
            Open(peer).Follow();
        long start = time.GetTimestamp();
        while (true)
        {
            string[] hindrances = [.. links.Where(link => link is { IsMade: false }).SelectMany(link => Make(link!)).Distinct()];
            if (hindrances.Length == 0 || time.GetElapsedTime(start) > RebindPatience || !ReferenceEquals(endpoints, now))
                return hindrances;
            await Task.Delay(RebindEvery, time);
        }
    }

    /// <inheritdoc/>
    public void Send(int to, LinkChannel channel, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        envelope.ResetWrittenCount();
        header.Write(envelope);
        links[to]!.Send(channel, header, envelope.WrittenSpan, payload);
    }

    /// <summary>Stops the thread and closes the sockets; what was sent last still has a moment to leave.</summary>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        if (thread.IsAlive)
        {
            context.Post(_ => poller.StopAsync(), null); // from the loop: it may not run yet
            thread.Join();
        }
        context.Close();
        // Before the sockets, whose end would be a reason to dial: the others report a dial that is broken off.
        front?.StopDialling();
        foreach (PeerLink? link in links)
            link?.Dispose();
        front?.Dispose();
        poller.Dispose();
    }

    /// <inheritdoc/>
    public bool IsSessionOf(int peer, ulong session) => front is null || front.IsSessionOf(peer, session);

    /// <inheritdoc/>
    public DialResult? LastDial(int peer) => links[peer]?.LastDial;

    /// <inheritdoc/>
    public int ListeningPortOf(int peer) => front?.ListeningPortOf(peer) ?? 0;

    /// <inheritdoc cref="PeerLink.ConnectionState"/>
    /// <param name="peer">A roster index, not our own.</param>
    internal (bool IsConnected, int Breaks) ConnectionStateOf(int peer) => links[peer]!.ConnectionState;

    /// <summary>True when both connections to a peer stand.</summary>
    /// <param name="peer">A roster index, not our own.</param>
    internal bool Stands(int peer) => links[peer]!.Stands(LinkChannel.Control) && links[peer]!.Stands(LinkChannel.Data);

    /// <inheritdoc cref="PeerLink.LoopbackPort"/>
    internal int LoopbackPortOf(int peer) => links[peer]?.LoopbackPort ?? 0;

    /// <summary>Finds out why an insecure peer is not reached.</summary>
    /// <param name="peer">A roster index, not our own.</param>
    internal PortProbe ProbeOf(int peer) =>
        new(HostPort.Parse(endpoints.Connect[peer]), endpoints.BasePorts?[peer] ?? 0, Resolver, Clock);

    internal void Received(int from, ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> payload)
    {
        Counters.Received(from, header.Length + payload.Length);
        Handler?.Invoke(from, header, payload);
    }

    PeerLink Open(int peer) =>
        links[peer] = new PeerLink(peer, HostPort.Parse(endpoints.Bind[peer]), HostPort.Parse(endpoints.Connect[peer]),
            endpoints.Keys, bounds, poller, this);

    static void Try(int peer, Action part, Action<int, RingAddressException>? hindered)
    {
        try
        {
            part();
        }
        catch (RingAddressException e) when (hindered is not null)
        {
            hindered(peer, e);
        }
    }

    /// <summary>Does what can be done of a link, and says what cannot.</summary>
    static IEnumerable<string> Make(PeerLink link)
    {
        foreach (Action part in (Action[])[link.Listen, link.Dial])
        {
            string? hindrance = null;
            try
            {
                part();
            }
            catch (RingAddressException e)
            {
                hindrance = e.Message;
            }
            if (hindrance is not null)
                yield return hindrance;
        }
    }
}
