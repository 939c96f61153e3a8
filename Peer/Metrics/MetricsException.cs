namespace DecentralizedLion.Peer.Metrics;

/// <summary>A folder has no metrics. The message names the folder and says what is allowed.</summary>
sealed class MetricsException(string message) : Exception(message);
