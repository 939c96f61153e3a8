using System.Globalization;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>The learning rates that a series tries with one number of workers: those of the file and, as long as the best is the
/// smallest or the largest, one beyond it.</summary>
static class LearningRateGrid
{
    /// <summary>The rates to try, ascending.</summary>
    /// <param name="rates">Those of the file.</param>
    /// <param name="beyondMax">The most rates that are added to those.</param>
    /// <param name="best">The best of some rates; null while one of them has no result.</param>
    public static IReadOnlyList<double> Of(IReadOnlyList<double> rates, int beyondMax,
        Func<IReadOnlyList<double>, double?> best)
    {
        List<double> all = [.. rates.Order()];
        for (var beyond = 0; beyond < beyondMax && all.Count > 1; beyond++)
        {
            if (best(all) is not { } rate || Beyond(all, rate) is not { } next)
                break;
            all.Add(next);
            all.Sort();
        }
        return all;
    }

    /// <summary>True when a rate is the smallest or the largest of several.</summary>
    public static bool IsAtEdge(double rate, IEnumerable<double> rates)
    {
        double[] all = [.. rates.Order()];
        return all.Length > 1 && (IsSame(rate, all[0]) || IsSame(rate, all[^1]));
    }

    /// <summary>The next rate on the side of the best one, by the ratio of the last two there; null where there is none to
    /// be tried.</summary>
    static double? Beyond(List<double> all, double best)
    {
        var (edge, inner) = IsSame(best, all[^1]) ? (all[^1], all[^2]) : IsSame(best, all[0]) ? (all[0], all[1]) : (0, 1);
        var next = double.Parse((edge * edge / inner).ToString("G2", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return next is > 1e-9 and <= 1 && !all.Exists(rate => IsSame(rate, next)) ? next : null;
    }

    /// <summary>A rate comes back from a result as a 32-bit number.</summary>
    static bool IsSame(double one, double other) => (float)one == (float)other;
}
