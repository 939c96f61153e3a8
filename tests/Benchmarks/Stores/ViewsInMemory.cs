using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Benchmarks.Stores;

/// <summary>Promises that last as long as the process.</summary>
sealed class ViewsInMemory : IViewStore
{
    byte[]? saved;

    public byte[]? Load() => saved;

    public void Save(ReadOnlySpan<byte> state) => saved = state.ToArray();
}
