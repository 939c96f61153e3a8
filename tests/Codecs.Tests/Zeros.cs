namespace DecentralizedLion.Codecs.Tests;

/// <summary>How many of the sample ballots' signs are exact zeros.</summary>
enum Zeros
{
    None,
    Few,
    Most,
    All,
}
