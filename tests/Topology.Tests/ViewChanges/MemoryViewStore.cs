using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Tests.ViewChanges;

/// <summary>Promises in memory; the disk may fail.</summary>
sealed class MemoryViewStore : IViewStore
{
    public byte[]? Bytes { get; set; }

    public int Saves { get; private set; }

    public bool IsFull { get; set; }

    public byte[]? Load() => Bytes;

    public void Save(ReadOnlySpan<byte> state)
    {
        if (IsFull)
            throw new IOException("no space left on the device");
        Saves++;
        Bytes = state.ToArray();
    }
}
