using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Security;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Peer.Security;

/// <summary>The identity of this peer and its secret key, which make links out of a peers.json.</summary>
sealed class PeerIdentity
{
    readonly string keyFile;

    /// <param name="path">The file of the roster, beside which keys usually are.</param>
    /// <param name="roster">The roster as it was at the start.</param>
    /// <param name="self">This peer's entry.</param>
    /// <param name="key">The key file; null for the usual one.</param>
    public PeerIdentity(string path, Roster roster, RosterEntry self, string? key)
    {
        Self = self;
        keyFile = key ?? KeyFile.PathFor(path, self.Id);
        Files = roster.Insecure ? [path] : [path, keyFile];
    }

    /// <summary>This peer's entry at the start; its index and id never change.</summary>
    public RosterEntry Self { get; }

    /// <summary>The files that say how this peer's links are made.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>The links by a roster and the key file as it is now. The secret is not kept.</summary>
    /// <exception cref="KeyFileException">The key file is not what it must be.</exception>
    public TransportEndpoints Links(Roster roster)
    {
        var self = roster.Peers[Self.Index];
        if (roster.Insecure)
            return TransportEndpoints.Of(roster, self.Index, null);
        using PeerKeyPair key = KeyFile.Read(keyFile, self);
        try
        {
            return TransportEndpoints.Of(roster, self.Index, key);
        }
        catch (InvalidOperationException e) when (Environment.GetEnvironmentVariable("HOME") is not { Length: > 0 })
        {
            throw new KeyFileException(keyFile, "no certificate can be made with it, because .NET looks for others in this "
                + "user's home directory, and there is none; needed is HOME in the environment, the path of a folder", e);
        }
    }
}
