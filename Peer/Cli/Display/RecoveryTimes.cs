namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>How long a ring took to continue after faults, in seconds.</summary>
/// <param name="Count">How often.</param>
/// <param name="P50">Half of the times took no longer.</param>
/// <param name="P90">Nine of ten took no longer.</param>
/// <param name="Max">The longest.</param>
sealed record RecoveryTimes(int Count, double P50, double P90, double Max)
{
    /// <summary>Of some times; null of none.</summary>
    public static RecoveryTimes? Of(IEnumerable<double> seconds)
    {
        double[] sorted = [.. seconds.Order()];
        return sorted.Length == 0 ? null : new RecoveryTimes(sorted.Length, At(0.5), At(0.9), sorted[^1]);

        // The nearest rank: the smallest value that at least this part does not exceed.
        double At(double part) => sorted[Math.Max(0, (int)Math.Ceiling(part * sorted.Length) - 1)];
    }
}
