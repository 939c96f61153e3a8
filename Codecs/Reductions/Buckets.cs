namespace DecentralizedLion.Codecs.Reductions;

/// <summary>The buckets of steps that are all alike.</summary>
static class Buckets
{
    /// <summary>A majority vote on every parameter.</summary>
    /// <param name="parameters">The number of parameters d.</param>
    /// <param name="ties">The tie rule.</param>
    public static Func<long, IReadOnlyList<Bucket>> Vote(int parameters, TieRule ties = TieRule.Previous) =>
        Always(new Bucket(new MajorityVote(ties), parameters));

    /// <summary>The same parts in every step.</summary>
    public static Func<long, IReadOnlyList<Bucket>> Always(params IReadOnlyList<Bucket> buckets) => _ => buckets;
}
