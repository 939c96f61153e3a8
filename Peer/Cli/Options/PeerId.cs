using System.Globalization;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Cli.Options;

/// <summary>Finds out which roster entry this process is: what was said, else the host's name, else a launcher's rank.</summary>
static class PeerId
{
    /// <exception cref="UsageException">Nothing fits; the message lists the ids.</exception>
    public static RosterEntry Resolve(Roster roster, string? said, string host, Func<string, string?> environment)
    {
        var ids = string.Join(", ", roster.Peers.Select(p => p.Id));
        if (said is not null)
            return roster.Find(said) ?? throw new UsageException($"--id: found \"{said}\"; allowed is one of {ids}");
        var named = NamedAs(roster, host, environment);
        if (named.Length == 1)
            return named[0];
        // A process that was started with RANK says so itself; Slurm's number on the node counts among the node's peers only.
        if (Place("RANK", environment, roster.Peers) is { } ranked)
            return ranked;
        return (named.Length > 1 ? Place("SLURM_LOCALID", environment, named) : null)
            ?? Place("SLURM_PROCID", environment, roster.Peers)
            ?? throw new UsageException($"--id is needed: no single peer has this host's name \"{host}\" as id or address, and "
                + $"neither RANK nor SLURM_PROCID is set; allowed is one of {ids}");
    }

    /// <summary>The peers on this host. Slurm's name of it, which may be another than the host's own, comes first.</summary>
    static RosterEntry[] NamedAs(Roster roster, string host, Func<string, string?> environment) =>
        new[] { environment("SLURMD_NODENAME"), host }.OfType<string>().Where(name => name.Length > 0)
            .Select(name => roster.Peers.Where(peer =>
                Same(peer.Id, name) || Same(peer.Id, name.Split('.')[0]) || Same(peer.Address, name)).ToArray())
            .FirstOrDefault(found => found.Length > 0) ?? [];

    /// <summary>The entry at the place that a variable says; null when it is not set.</summary>
    static RosterEntry? Place(string variable, Func<string, string?> environment, IReadOnlyList<RosterEntry> entries) =>
        environment(variable) is not { Length: > 0 } value ? null
        : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var place) && place < entries.Count
            ? entries[place]
        : throw new UsageException($"{variable}: found \"{value}\"; allowed is 0 to {entries.Count - 1}, a place "
            + (variable == "SLURM_LOCALID" ? "among the peers on this host" : "in the roster"));

    static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
