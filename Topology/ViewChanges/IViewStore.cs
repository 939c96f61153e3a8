namespace DecentralizedLion.Topology.ViewChanges;

/// <summary>The store of what a member promised as an acceptor (docs/protocol.md#i15). A few hundred bytes, written
/// rarely.</summary>
interface IViewStore
{
    /// <summary>The bytes of the last <see cref="Save"/>; null when there are none or they are damaged, as on an empty
    /// disk.</summary>
    byte[]? Load();

    /// <summary>Replaces the bytes as a whole; they are on the disk when this returns.</summary>
    /// <exception cref="IOException">They cannot be written; nothing may be promised.</exception>
    void Save(ReadOnlySpan<byte> state);
}
