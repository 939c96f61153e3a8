namespace DecentralizedLion.Integration.Tests.Pool;

/// <summary>The tests that share a pool of processes.</summary>
[CollectionDefinition(Name)]
public sealed class PoolCollection : ICollectionFixture<ProcessPool>
{
    public const string Name = "pool";
}
