namespace DecentralizedLion.Peer.Cli.Generate;

/// <summary>Draws a class by its logits.</summary>
static class Sampling
{
    /// <param name="logits">One for each class.</param>
    /// <param name="temperature">0 takes the largest.</param>
    /// <param name="uniform">A random number, 0 ≤ u &lt; 1.</param>
    public static int Draw(ReadOnlySpan<float> logits, double temperature, double uniform)
    {
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
            if (logits[i] > logits[best])
                best = i;
        if (temperature == 0)
            return best;
        var weights = new double[logits.Length];
        var total = 0.0;
        for (var i = 0; i < weights.Length; i++)
            total += weights[i] = Math.Exp((logits[i] - logits[best]) / temperature);
        var left = uniform * total;
        for (var i = 0; i < weights.Length; i++)
            if ((left -= weights[i]) < 0)
                return i;
        return best;
    }
}
