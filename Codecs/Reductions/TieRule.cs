namespace DecentralizedLion.Codecs.Reductions;

/// <summary>The rule for a tie (docs/protocol.md#exchange). Where every voter abstains the majority is zero under every
/// rule.</summary>
enum TieRule
{
    /// <summary>The parameter's last majority that was not zero.</summary>
    Previous,

    /// <summary>No step: the paper read literally.</summary>
    Zero,

    /// <summary>The stateless coin of <see cref="TieHash"/>.</summary>
    Hash,
}
