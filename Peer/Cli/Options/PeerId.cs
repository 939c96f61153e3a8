using System.Globalization;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Cli.Options;

/// <summary>Finds out which roster entry this process is: what was said, else the host's name, else a launcher's rank.</summary>
static class PeerId
{
    static readonly string[] ranks = ["RANK", "SLURM_PROCID"];

    /// <exception cref="UsageException">Nothing fits; the message lists the ids.</exception>
    public static RosterEntry Resolve(Roster roster, string? said, string host, Func<string, string?> environment)
    {
        var ids = string.Join(", ", roster.Peers.Select(p => p.Id));
        if (said is not null)
            return roster.Find(said) ?? throw new UsageException($"--id: found \"{said}\"; allowed is one of {ids}");
        var shortHost = host.Split('.')[0];
        var named = roster.Peers.Where(p => Same(p.Id, host) || Same(p.Id, shortHost) || Same(p.Address, host)).ToArray();
        if (named.Length == 1)
            return named[0];
        foreach (var name in ranks)
        {
            if (environment(name) is not { Length: > 0 } value)
                continue;
            return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var rank) && rank < roster.Count
                ? roster.Peers[rank]
                : throw new UsageException(
                    $"{name}: found \"{value}\"; allowed is 0 to {roster.Count - 1}, a place in the roster");
        }
        throw new UsageException(
            $"--id is needed: no single peer has this host's name \"{host}\" as id or address, and neither RANK nor "
            + $"SLURM_PROCID is set; allowed is one of {ids}");
    }

    static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
