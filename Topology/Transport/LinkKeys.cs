using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Topology.Transport;

/// <summary>The keys of one peer's links: its own certificate, and the public key that the roster has for each other
/// peer.</summary>
sealed class LinkKeys
{
    readonly IReadOnlyList<PeerPublicKey?> others;

    /// <summary>Makes the certificate; the key itself is not kept.</summary>
    /// <param name="own">This peer's key.</param>
    /// <param name="others">The others' public keys by roster index; this peer's own entry is not used.</param>
    public LinkKeys(PeerKeyPair own, IReadOnlyList<PeerPublicKey?> others)
    {
        ArgumentNullException.ThrowIfNull(own);
        (Own, this.others) = (new PeerCertificate(own), others);
    }

    /// <summary>This peer's certificate.</summary>
    internal PeerCertificate Own { get; }

    /// <summary>The public key of another peer.</summary>
    internal PeerPublicKey? Of(int peer) => others[peer];

    /// <summary>The roster index of the peer with a public key; −1 when there is none.</summary>
    internal int PeerOf(PeerPublicKey key)
    {
        for (int peer = 0; peer < others.Count; peer++)
        {
            if (key.Equals(others[peer]))
                return peer;
        }
        return -1;
    }

    /// <summary>True when the link to a peer has the same two keys in both.</summary>
    internal bool IsSameLink(LinkKeys other, int peer) =>
        Own.Public.Equals(other.Own.Public) && Equals(others[peer], other.others[peer]);
}
