using System.Net;

namespace DecentralizedLion.Topology.Transport;

/// <summary>A connection to this peer's port that was closed before any frame.</summary>
/// <param name="From">The address it came from.</param>
/// <param name="Reason">The reason.</param>
/// <param name="Key">The other side's public key where it proved one; else empty.</param>
readonly record struct RejectedConnection(IPAddress From, RejectionReason Reason, string Key = "");
