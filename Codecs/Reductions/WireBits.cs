namespace DecentralizedLion.Codecs;

/// <summary>The bits that a step costs by the formula (design §5), without frames and without zero planes.</summary>
public static class WireBits
{
    /// <summary>Bits that each peer sends in a step by the ring exchange, on average over the peers.</summary>
    /// <param name="parts">What the step carries.</param>
    /// <param name="peers">N, all of them voting.</param>
    public static double Ring(IReadOnlyList<StepPart> parts, int peers) => Sum(parts, peers, reduction =>
    {
        double planes = reduction.OutcomePlanes(peers) * (peers - 1);
        for (var ballots = 1; ballots < peers; ballots++)
            planes += reduction.SumPlanes(ballots);
        return planes / peers;
    });

    /// <summary>Bits that each peer sends in a step by the direct exchange.</summary>
    /// <param name="parts">What the step carries.</param>
    /// <param name="peers">N, all of them voting.</param>
    public static double Direct(IReadOnlyList<StepPart> parts, int peers) => Sum(parts, peers, reduction =>
        (double)(reduction.SumPlanes(1) + reduction.OutcomePlanes(peers)) * (peers - 1) / peers);

    static double Sum(IReadOnlyList<StepPart> parts, int peers, Func<Reduction, double> planes)
    {
        double bits = 0;
        foreach (var part in parts)
        {
            double elements = part.Reduction.IsGathered ? part.Words * (double)BitPlanes.BitsPerWord : part.Length;
            bits += elements * (part.Reduction.IsGathered ? peers - 1 : planes(part.Reduction));
        }
        return bits;
    }
}
