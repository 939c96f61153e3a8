namespace DecentralizedLion.Codecs.Tests;

/// <summary>The share of the sample ballots' signs that are exact zeros.</summary>
enum Zeros
{
    None,
    Few,
    Most,
    All,
}
