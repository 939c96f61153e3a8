using DecentralizedLion.Codecs;

namespace DecentralizedLion.Models.Sampling;

/// <summary>
/// Random shares from a symmetric Dirichlet distribution: gamma variates over their sum. All by IEEE operations and
/// <see cref="DeterministicMath"/>, so that every machine divides alike.
/// </summary>
static class Dirichlet
{
    /// <summary>Divides a number of things among some, each of whom gets 0 or more.</summary>
    public static int[] Divide(int things, double alpha, int among, ulong key)
    {
        var logs = new double[among];
        for (var i = 0; i < among; i++)
            logs[i] = LogGamma(alpha, SplitMix.Bits(key, (ulong)i));
        // With a small alpha all but one may underflow: the largest is 1.
        var largest = logs.Max();
        var weights = Array.ConvertAll(logs, log => DeterministicMath.Exp(log - largest));
        var sum = 0.0;
        foreach (var weight in weights)
            sum += weight;

        // Rounding where one's share ends, not what it is, keeps the sum.
        var counts = new int[among];
        var (taken, part) = (0, 0.0);
        for (var i = 0; i < among; i++)
        {
            part += weights[i];
            var end = i == among - 1 ? things : Math.Min(things, (int)Math.Floor((things * (part / sum)) + 0.5));
            (counts[i], taken) = (end - taken, end);
        }
        return counts;
    }

    /// <summary>The logarithm of a gamma variate. Marsaglia and Tsang, <em>A Simple Method for Generating Gamma Variables</em>,
    /// 2000; below 1 by Γ(α) = Γ(α + 1)·U^(1/α).</summary>
    internal static double LogGamma(double alpha, ulong key)
    {
        var random = new Stream(key);
        if (alpha < 1)
        {
            var scale = DeterministicMath.Log(random.Uniform()) / alpha;
            return scale + LogGamma(alpha + 1, ref random);
        }
        return LogGamma(alpha, ref random);
    }

    static double LogGamma(double alpha, ref Stream random)
    {
        var d = alpha - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = random.Normal();
            var root = 1 + (c * x);
            if (root <= 0)
                continue;
            var v = root * root * root;
            var log = DeterministicMath.Log(v);
            if (DeterministicMath.Log(random.Uniform()) < (0.5 * x * x) + (d * (1 - v + log)))
                return DeterministicMath.Log(d) + log;
        }
    }

    /// <summary>The numbers behind one variate.</summary>
    struct Stream(ulong key)
    {
        ulong drawn;

        /// <summary>Above 0, up to 1, from 53 bits: exact in a double.</summary>
        public double Uniform() => ((SplitMix.Bits(key, drawn++) >> 11) + 1) * (1.0 / (1L << 53));

        /// <summary>Marsaglia's polar method.</summary>
        public double Normal()
        {
            while (true)
            {
                var u = (2 * Uniform()) - 1;
                var v = (2 * Uniform()) - 1;
                var s = (u * u) + (v * v);
                if (s is > 0 and < 1)
                    return u * Math.Sqrt(-2 * DeterministicMath.Log(s) / s);
            }
        }
    }
}
