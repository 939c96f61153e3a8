namespace DecentralizedLion.Codecs.LionK;

/// <summary>A text is no 𝒦, or its number is missing or out of bounds.</summary>
/// <param name="text">The text.</param>
/// <param name="allowed">The allowed values, as a sentence without a full stop.</param>
/// <param name="inner">The reason; null: there is no more of it.</param>
sealed class KappaException(string text, string allowed, Exception? inner)
    : ArgumentException($"kappa is \"{text}\"; {allowed}.", inner)
{
    /// <summary>The allowed values, as a sentence without a full stop.</summary>
    public string Allowed => allowed;
}
