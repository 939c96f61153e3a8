using System.Net.Sockets;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// TLS in front of a peer's ZeroMQ sockets, which listen and dial on loopback only: one port for all other peers, and the
/// connections to them. Whoever has no key of the roster never reaches a ZeroMQ socket.
/// </summary>
/// <param name="peers">The number of peers of the roster.</param>
/// <param name="session">This process's session number, which all its frames carry.</param>
/// <param name="nameOf">Gives a peer's id by its roster index.</param>
/// <param name="resolver">Looks up host names.</param>
/// <param name="post">Runs something on the loop.</param>
/// <param name="rejected">Takes connections that were closed before any frame; called on the loop.</param>
/// <param name="clock">The clock of retries and time limits.</param>
sealed class TlsFront(
    int peers, ulong session, Func<int, string> nameOf, NameResolver resolver, Action<Action> post,
    Action<RejectedConnection> rejected, TimeProvider clock) : IDisposable
{
    static readonly TimeSpan lastMoment = TimeSpan.FromSeconds(1);

    readonly TlsLink?[] links = new TlsLink?[peers];
    TlsListener? listener;
    HostPort bound;

    /// <summary>Listens at an address, unless it does so already, and takes connections by these keys from then on.</summary>
    /// <exception cref="SocketException">The address cannot be listened at.</exception>
    public void Listen(HostPort bind, LinkKeys keys)
    {
        if (listener is not null && bound == bind)
        {
            listener.Keys = keys;
            return;
        }
        listener?.Dispose();
        listener = null;
        listener = new TlsListener(bind, keys, peers, clock, Admit, closed => post(() => rejected(closed)));
        bound = bind;
        listener.Start();
    }

    /// <summary>Opens the link to a peer, in place of the one there was.</summary>
    public void Open(int peer, int loopbackPort, ILinkSockets sockets, LinkKeys keys) =>
        Volatile.Write(ref links[peer], new TlsLink(loopbackPort, sockets, keys, post, clock));

    /// <summary>Dials a peer whose link is open.</summary>
    public void Dial(int peer, HostPort target, int listeningPort) =>
        links[peer]!.Dial(new TlsDialer(target, peer, links[peer]!.Keys, nameOf, resolver, clock), session, listeningPort);

    /// <summary>Closes a link at once; what was under way on it is lost.</summary>
    public void Close(int peer)
    {
        links[peer]?.Dispose();
        Volatile.Write(ref links[peer], null);
    }

    /// <summary>True when a process of a peer has named this session number over TLS.</summary>
    public bool IsSessionOf(int peer, ulong number) => links[peer]?.IsSession(number) == true;

    /// <inheritdoc cref="TlsLink.ListeningPort"/>
    public int ListeningPortOf(int peer) => links[peer]?.ListeningPort ?? 0;

    /// <summary>Dials nobody any more; the connections that stand go on.</summary>
    public void StopDialling()
    {
        foreach (TlsLink link in links.OfType<TlsLink>())
            link.StopDialling();
    }

    /// <summary>Closes everything; what was sent last has a moment to leave.</summary>
    public void Dispose()
    {
        listener?.Dispose();
        long start = clock.GetTimestamp();
        foreach (TlsLink link in links.OfType<TlsLink>())
            link.Drain(lastMoment - clock.GetElapsedTime(start) is { Ticks: > 0 } left ? left : TimeSpan.Zero);
        foreach (TlsLink link in links.OfType<TlsLink>())
            link.Dispose();
    }

    void Admit(int peer, LinkKeys keys, LinkPreamble preamble, TlsConnection connection)
    {
        // A key may have been replaced while the handshake was under way.
        if (Volatile.Read(ref links[peer]) is { } link && link.Keys.IsSameLink(keys, peer))
            _ = link.AdmitAsync(preamble, connection);
        else
            connection.Dispose();
    }
}
