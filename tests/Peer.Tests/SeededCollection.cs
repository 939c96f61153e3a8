namespace DecentralizedLion.Peer.Tests;

/// <summary>The tests that make networks by a seed and compare them: libtorch has one generator for the process, from which the
/// networks of other tests draw, too. They run after all others, one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SeededCollection
{
    public const string Name = "seeded";
}
