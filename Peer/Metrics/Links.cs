using System.Text.Json.Serialization;

namespace DecentralizedLion.Peer.Metrics;

/// <summary>This peer's links, every few seconds and at the end.</summary>
/// <param name="Step">Steps applied.</param>
/// <param name="Seconds">The time since the line before it, or since the start.</param>
/// <param name="Peers">The other peers of the roster.</param>
sealed record Links(long Step, double Seconds, IReadOnlyList<LinkMetrics> Peers) : PeerEvent;

/// <summary>A link to one other peer.</summary>
/// <param name="Peer">Its id.</param>
/// <param name="RoundTripSeconds">The smoothed round trip; null: none was measured.</param>
/// <param name="BytesSent">Bytes to it in that time, before TLS adds its own.</param>
/// <param name="BytesReceived">Bytes from it in that time.</param>
/// <param name="IsHeard">False: it gives no sign of life.</param>
sealed record LinkMetrics(string Peer, double? RoundTripSeconds, long BytesSent, long BytesReceived,
    [property: JsonPropertyName("heard")] bool IsHeard);
