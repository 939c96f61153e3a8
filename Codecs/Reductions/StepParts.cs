namespace DecentralizedLion.Codecs;

/// <summary>What steps carry that are all alike.</summary>
public static class StepParts
{
    /// <summary>A majority vote on every parameter.</summary>
    /// <param name="parameters">The number of parameters d.</param>
    /// <param name="ties">The tie rule.</param>
    public static Func<long, IReadOnlyList<StepPart>> Vote(int parameters, TieRule ties = TieRule.Previous) =>
        Always(new StepPart(new MajorityVote(ties), parameters));

    /// <summary>The same parts in every step.</summary>
    public static Func<long, IReadOnlyList<StepPart>> Always(params IReadOnlyList<StepPart> parts) => _ => parts;
}
