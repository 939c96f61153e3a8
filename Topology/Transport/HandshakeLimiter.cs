using System.Net;
using System.Net.Sockets;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// Bounds the handshakes that are under way, in all and from one address. Where there are too many the oldest gives way, so that
/// connections that never finish cannot keep new ones out.
/// </summary>
/// <param name="inAll">The limit in all.</param>
/// <param name="perAddress">The limit from one IPv4 address or one IPv6 network of 64 bits.</param>
sealed class HandshakeLimiter(int inAll, int perAddress)
{
    readonly LinkedList<Handshake> running = new();

    /// <summary>The handshakes under way.</summary>
    public int Count
    {
        get
        {
            lock (running)
                return running.Count;
        }
    }

    /// <summary>Adds a handshake, and ends the oldest one that is too many.</summary>
    /// <param name="from">The other side's address.</param>
    /// <param name="giveWay">Ends this handshake when it has to give way; called on another's thread.</param>
    /// <returns>To be disposed of when the handshake is over.</returns>
    public IDisposable Enter(IPAddress from, Action giveWay)
    {
        var entered = new Handshake(this, NetworkOf(from), giveWay);
        Handshake? oldest = null;
        lock (running)
        {
            running.AddLast(entered.Node);
            int alike = running.Count(other => other.Network.Equals(entered.Network));
            if (alike > perAddress)
                oldest = running.First(other => other.Network.Equals(entered.Network));
            else if (running.Count > inAll)
                oldest = running.First!.Value;
            if (oldest is not null)
                running.Remove(oldest.Node);
        }
        oldest?.GiveWay();
        return entered;
    }

    static IPAddress NetworkOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        byte[] bytes = address.GetAddressBytes();
        Array.Clear(bytes, 8, 8);
        return new IPAddress(bytes);
    }

    sealed class Handshake : IDisposable
    {
        readonly HandshakeLimiter limiter;

        public Handshake(HandshakeLimiter limiter, IPAddress network, Action giveWay)
        {
            (this.limiter, Network, GiveWay) = (limiter, network, giveWay);
            Node = new LinkedListNode<Handshake>(this);
        }

        public LinkedListNode<Handshake> Node { get; }

        public IPAddress Network { get; }

        public Action GiveWay { get; }

        public void Dispose()
        {
            lock (limiter.running)
            {
                if (Node.List is not null)
                    limiter.running.Remove(Node);
            }
        }
    }
}
