using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Topology.Configuration;

/// <summary>One peer of the roster.</summary>
/// <param name="Index">Its place in the file, 0 … N−1; the index that voter sets and frames use.</param>
/// <param name="Id">Its name, 1–63 characters of A–Z a–z 0–9 _ . -</param>
/// <param name="Address">A host name or an IP address that the other peers reach it at.</param>
/// <param name="Port">The port that it listens on; in an insecure roster also the following N−2 ports, one for each other peer,
/// by their ids.</param>
/// <param name="Key">What the others know it by; null only in an insecure roster.</param>
sealed record RosterEntry(int Index, string Id, string Address, int Port, PeerPublicKey? Key = null)
{
    /// <summary>The samples that it takes in a step; null: as many as peers usually do.</summary>
    public int? Batch { get; init; }
}
