namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>A mean and the standard deviation of a sample (n − 1; 0 of one value).</summary>
readonly record struct MeanStd(double Mean, double Deviation)
{
    /// <summary>Of some values, at least one.</summary>
    public static MeanStd Of(IEnumerable<double> values)
    {
        double[] all = [.. values];
        var mean = all.Average();
        return new MeanStd(mean, all.Length < 2
            ? 0 : Math.Sqrt(all.Sum(value => (value - mean) * (value - mean)) / (all.Length - 1)));
    }
}
