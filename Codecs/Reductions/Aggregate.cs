namespace DecentralizedLion.Codecs.Reductions;

/// <summary>The outcome of one bucket of a step; the same on every member.</summary>
/// <param name="Planes">OutcomePlanes(voters) planes over the whole part.</param>
/// <param name="Zeros">OutcomeZeroPlanes(voters) planes, or null: nothing is zero.</param>
sealed record Aggregate(ulong[] Planes, ulong[]? Zeros)
{
    /// <summary>The values of a part of fp32 values.</summary>
    public ReadOnlySpan<float> Values => FloatReduction.Of(Planes.AsSpan());
}
