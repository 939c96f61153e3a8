using System.Net;
using System.Net.Sockets;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Topology.Configuration;

/// <summary>All peers of a run, in the file's order, checked so that every pair can have a link of its own.</summary>
sealed class Roster
{
    /// <summary>The most peers a roster may have: voter sets are 256 bits.</summary>
    public const int MaxPeers = 256;

    /// <summary>The most samples of a peer and step.</summary>
    public const int BatchMax = 1_000_000;

    /// <summary>The longest id, in characters.</summary>
    public const int MaxIdLength = 63;

    /// <summary>The fields of the settings file that <see cref="Read"/> reads.</summary>
    const string PeersField = "peers", InsecureField = "insecure",
        OpenField = "anyoneOnTheNetworkMayReadAndForgeTheTraining", KeyField = "key", BatchField = "batch";

    Roster(IReadOnlyList<RosterEntry> peers, bool insecure)
    {
        Peers = peers;
        Insecure = insecure;
    }

    /// <summary>The entries; entry i has index i.</summary>
    public IReadOnlyList<RosterEntry> Peers { get; }

    /// <summary>True when links are neither encrypted nor authenticated.</summary>
    public bool Insecure { get; }

    /// <summary>The number of peers, N.</summary>
    public int Count => Peers.Count;

    /// <summary>True when all peers have loopback addresses: one computer.</summary>
    public bool IsLocal => Peers.All(p => IsLoopback(p.Address));

    /// <summary>True when an entry says how many samples its peer takes in a step.</summary>
    public bool HasBatches => Peers.Any(peer => peer.Batch is not null);

    /// <summary>The samples of each peer and step; empty where no entry says any.</summary>
    /// <param name="usual">The samples of a peer whose entry says none.</param>
    public IReadOnlyList<int> BatchesOf(int usual) => HasBatches ? [.. Peers.Select(peer => peer.Batch ?? usual)] : [];

    /// <summary>The field of the fingerprint that the entries' batches make; none where no entry says any.</summary>
    public IEnumerable<FingerprintField> BatchFields() => HasBatches
        ? [new("peers.batch", string.Join(',', Peers.Select(peer => $"{peer.Batch}")))] : [];

    /// <summary>True when there are keys that are not used.</summary>
    public bool IgnoresKeys() => Insecure && Peers.Any(peer => peer.Key is not null);

    /// <summary>Reads <c>peers</c>, <c>insecure</c> and the flag for open networks from the root of a settings file.</summary>
    /// <exception cref="SettingsException">A rule is broken; both entries are named where two are in each other's
    /// way.</exception>
    public static Roster Read(SettingsReader root)
    {
        ArgumentNullException.ThrowIfNull(root);
        var list = root.List(PeersField, 2, MaxPeers);
        var insecure = root.Flag(InsecureField, false);
        var highest = insecure ? 65535 - (list.Count - 2) : 65535;
        var peers = new List<RosterEntry>(list.Count);
        foreach (var entry in list)
        {
            var id = entry.Text("id");
            if (!IsId(id))
                throw entry.Error("id", $"found \"{id}\"; allowed are {AllowedIds}");
            var address = entry.Text("address");
            if (!IsAddress(address, out var reason))
                throw entry.Error(
                    "address", $"found \"{address}\": {reason}; allowed is a host name or an IP address that others reach");
            peers.Add(new RosterEntry(peers.Count, id, address, entry.Int("port", 1, highest), ReadKey(entry, id, insecure))
            {
                Batch = entry.Has(BatchField) ? entry.Int(BatchField, 1, BatchMax) : null,
            });
        }
        Compare(peers, list, insecure);
        var open = root.Flag(OpenField, false);
        if (insecure && !open && peers.Find(p => !IsLoopback(p.Address)) is { } outside)
            throw list[outside.Index].Error(
                "address", $"found \"{outside.Address}\"; with \"{InsecureField}\": true only loopback "
                + $"addresses are allowed, because nothing is encrypted or authenticated (\"{OpenField}\": true lifts this)");
        return new Roster(peers, insecure);
    }

    /// <summary>
    /// The port that peer <paramref name="listener"/> listens on for peer <paramref name="other"/>: its one port, or in an
    /// insecure roster one for each other peer, from its base port on, the others sorted by id (ordinal). So peers whose files
    /// have the roster in another order still meet, and name the difference.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is not 0 … N−1, or both are the same.</exception>
    public int PortFor(int listener, int other)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(other);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(other, Count);
        ArgumentOutOfRangeException.ThrowIfEqual(other, listener);
        var port = Peers[listener].Port;
        return Insecure ? port + Peers.Count(p => p.Index != listener && string.CompareOrdinal(p.Id, Peers[other].Id) < 0) : port;
    }

    /// <summary>The entry with this id, or null.</summary>
    public RosterEntry? Find(string id) => Peers.FirstOrDefault(p => p.Id == id);

    /// <summary>The rule for ids, for messages.</summary>
    public const string AllowedIds = "1 to 63 characters of A–Z a–z 0–9 _ . -, the first no dot";

    /// <summary>True when a text may be a peer's id: 1 to 63 characters of A–Z a–z 0–9 _ . -, the first no dot. A label of a
    /// host name has as many.</summary>
    public static bool IsId(string id) =>
        id.Length is > 0 and <= MaxIdLength && id[0] != '.'
        && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    static PeerPublicKey? ReadKey(SettingsReader entry, string id, bool insecure)
    {
        if (!entry.Has(KeyField))
            return insecure
                ? null : throw entry.Error(KeyField, $"missing; required is the key that 'peer keygen {id}' prints on its host "
                + $"(a roster of loopback addresses may say \"{InsecureField}\": true instead)");
        var text = entry.Text(KeyField);
        return PeerPublicKey.TryParse(text, out var key, out var reason) ? key
            : throw entry.Error(KeyField, $"found \"{Short(text)}\": {reason}; allowed is {PeerPublicKey.Allowed}");
    }

    /// <summary>Enough of a text to find it again; it may be a secret that was put there by mistake.</summary>
    static string Short(string text) => text.Length <= PeerPublicKey.TextLength + 4 ? text : $"{text[..12]}…";

    static void Compare(List<RosterEntry> peers, IReadOnlyList<SettingsReader> list, bool insecure)
    {
        var span = insecure ? Math.Max(1, peers.Count - 1) : 1;
        for (var j = 1; j < peers.Count; j++)
            for (var i = 0; i < j; i++)
            {
                var (a, b) = (peers[i], peers[j]);
                if (a.Id == b.Id)
                    throw list[j].Error("id", $"found \"{b.Id}\", which {list[i].Path} has already; allowed is an id of its own");
                if (a.Key is { } known && b.Key is { } key && known.IsOfSameSecret(key))
                    throw list[j].Error(KeyField,
                        $"found \"{key}\", which {list[i].Path} ({a.Id}) has already; allowed is a key of its own");
                if (Canonical(a.Address) == Canonical(b.Address) && Math.Abs(a.Port - b.Port) < span)
                    throw list[j].Error("port", a.Port == b.Port
                        ? $"found {b.Address} port {b.Port}, which {list[i].Path} ({a.Id}) has already; "
                            + "allowed is an address and port of its own"
                        : $"ports {b.Port}–{b.Port + span - 1} of {b.Id} overlap ports {a.Port}–{a.Port + span - 1} of {a.Id} "
                            + $"({list[i].Path}) on {b.Address}; each of {peers.Count} peers needs {span} ports of its own, from "
                            + "its base port on");
            }
    }

    static bool IsAddress(string address, out string reason)
    {
        reason = "";
        if (address.Contains(':') || address.All(c => char.IsAsciiDigit(c) || c == '.'))
        {
            if (!IPAddress.TryParse(address, out var ip) || address.Contains('[')
                || (ip.AddressFamily == AddressFamily.InterNetwork && ip.ToString() != address))
                reason = "not an IP address in its usual form";
            else if (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any) || ip.Equals(IPAddress.Broadcast)
                || ip.IsIPv6Multicast || ip.GetAddressBytes()[0] is >= 224 and < 240
                    && ip.AddressFamily == AddressFamily.InterNetwork)
                reason = "stands for no single host";
            else if (ip is { IsIPv6LinkLocal: true, ScopeId: 0 })
                reason = "a link-local address needs the interface that leads to it, one that this host has (fe80::1%eth0)";
            return reason.Length == 0;
        }
        var labels = address.Split('.');
        if (address.Length > 253 || labels.Any(l => l.Length is 0 or > 63 || l[0] == '-' || l[^1] == '-'
            || !l.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
            reason = "not a host name";
        return reason.Length == 0;
    }

    static bool IsLoopback(string address) =>
        Canonical(address) == "127.0.0.1" || (IPAddress.TryParse(address, out var ip) && IPAddress.IsLoopback(ip));

    /// <summary>One spelling for addresses that may be the same host; localhost may be either loopback address, so all three
    /// are one.</summary>
    static string Canonical(string address)
    {
        var text = IPAddress.TryParse(address, out var ip) ? ip.ToString() : address.ToLowerInvariant();
        return text is "localhost" or "::1" or "::ffff:127.0.0.1" ? "127.0.0.1" : text;
    }
}
