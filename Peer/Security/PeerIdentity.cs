using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Security;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Peer.Security;

/// <summary>The identity of this peer and its secret key, which make links out of a peers.json.</summary>
public sealed class PeerIdentity
{
    readonly string keyFile;

    /// <param name="run">peers.json as it was at the start.</param>
    /// <param name="self">This peer's entry.</param>
    /// <param name="key">The key file; null for the usual one.</param>
    public PeerIdentity(RunConfig run, RosterEntry self, string? key)
    {
        Self = self;
        keyFile = key ?? KeyFile.PathFor(run.Path, self.Id);
        Files = run.Roster.Insecure ? [run.Path] : [run.Path, keyFile];
    }

    /// <summary>This peer's entry at the start; its index and id never change.</summary>
    public RosterEntry Self { get; }

    /// <summary>The files that say how this peer's links are made.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>The links by a peers.json and the key file as it is now. The secret is not kept.</summary>
    /// <exception cref="KeyFileException">The key file is not what it must be.</exception>
    public TransportEndpoints Links(RunConfig run)
    {
        var self = run.Roster.Peers[Self.Index];
        if (run.Roster.Insecure)
            return TransportEndpoints.Of(run.Roster, self.Index, null);
        using PeerKeyPair key = KeyFile.Read(keyFile, self);
        return TransportEndpoints.Of(run.Roster, self.Index, key);
    }
}
