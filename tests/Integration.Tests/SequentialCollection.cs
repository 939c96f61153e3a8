namespace DecentralizedLion.Integration.Tests;

/// <summary>The tests that run after all others, one at a time, because they compare the speeds of peers or load the whole
/// host.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SequentialCollection
{
    public const string Name = "sequential";
}
