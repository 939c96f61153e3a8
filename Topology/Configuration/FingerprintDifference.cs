namespace DecentralizedLion.Topology.Configuration;

/// <summary>A field in which two peers differ.</summary>
/// <param name="Field">The field's name.</param>
/// <param name="Mine">This peer's value; null when it has no such field.</param>
/// <param name="Theirs">The other peer's value; null when it has no such field.</param>
readonly record struct FingerprintDifference(string Field, string? Mine, string? Theirs)
{
    const int AlikeShown = 24;

    /// <summary>So many are named; a quite different program would fill the screen.</summary>
    public const int NamedMax = 5;

    /// <summary>The field and both values, as <see cref="SafeText"/> has them: half of it came from elsewhere.</summary>
    public override string ToString()
    {
        var (mine, theirs) = Distinguish(Mine, Theirs);
        return $"{SafeText.Text(Field)}: {Of(mine)} here, {Of(theirs)} there";
    }

    /// <summary>Two long values from a little before the place where they part; what is alike before it says nothing.</summary>
    public static (string? First, string? Second) Distinguish(string? first, string? second)
    {
        if (first is null || second is null || Math.Max(first.Length, second.Length) <= SafeText.LengthMax)
            return (first, second);
        int alike = first.AsSpan().CommonPrefixLength(second);
        int begin = alike - AlikeShown;
        return begin <= 0 ? (first, second) : ("…" + first[begin..], "…" + second[begin..]);
    }

    /// <summary>Several in a line: the first ones, and how many more there are.</summary>
    public static string Text(IReadOnlyList<FingerprintDifference> differences) => string.Join("; ", differences.Take(NamedMax))
        + (differences.Count > NamedMax ? $"; and {differences.Count - NamedMax} more" : "");

    static string Of(string? value) => value is null ? "absent" : SafeText.Text(value);
}
