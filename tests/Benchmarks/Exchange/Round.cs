namespace DecentralizedLion.Benchmarks.Exchange;

/// <summary>The reports of all peers on one run of exchanges.</summary>
sealed record Round(IReadOnlyList<Report> Peers)
{
    /// <summary>Seconds of every exchange at every peer.</summary>
    public IEnumerable<double> Seconds => Peers.SelectMany(peer => peer.Seconds);

    /// <summary>Seconds an exchange took when many were done back to back: all of them, divided by their number.</summary>
    public double BackToBack => Peers.Max(peer => peer.Seconds.Sum() / peer.Seconds.Length);

    public double Median => Quantile(Seconds, 0.5);

    /// <summary>A value of one exchange, of the peer that has most of it.</summary>
    public double Most(string name) => Peers.Max(peer => peer.Values.GetValueOrDefault(name) / peer.Seconds.Length);

    /// <summary>A value of one exchange, of all peers together.</summary>
    public double Sum(string name) => Peers.Sum(peer => peer.Values.GetValueOrDefault(name) / peer.Seconds.Length);

    /// <summary>The bytes that a host's device sent for one exchange, the mean over the hosts.</summary>
    /// <param name="device">The device that was counted: on loopback all peers count the same one.</param>
    public double Sent(string device) =>
        device == "lo" ? Most("wire") / Peers.Count : Sum("wire") / Peers.Count;

    public static double Quantile(IEnumerable<double> values, double quantile)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)(quantile * sorted.Length))];
    }
}
