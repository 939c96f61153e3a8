using System.Buffers.Binary;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>
/// The promises of a peer to the others, in the file <c>view.state</c> of its folder: a magic number, the length, a CRC-32C, the
/// bytes. Who cannot read it has forgotten its promises and comes back as a newcomer.
/// </summary>
public sealed class ViewStore(string folder) : IViewStore
{
    const ulong Magic = 0x574549564E4F494C; // "LIONVIEW"
    const int Header = sizeof(ulong) + sizeof(int) + sizeof(uint);

    /// <summary>Far more than a view of 256 members takes.</summary>
    const int Longest = 1 << 20;

    public string File { get; } = Path.Combine(folder, "view.state");

    /// <summary>True when there is a file that <see cref="Load"/> cannot make out.</summary>
    public bool IsDamaged => System.IO.File.Exists(File) && Load() is null;

    public byte[]? Load()
    {
        try
        {
            using var stream = new FileStream(File, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length is < Header or > Header + Longest)
                return null;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            var state = bytes.AsSpan(Header);
            return BinaryPrimitives.ReadUInt64LittleEndian(bytes) == Magic
                && BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8)) == state.Length
                && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12)) == Crc32C.Of(state) ? state.ToArray() : null;
        }
        catch (IOException)
        {
            return null; // missing, or the disk cannot read it any more
        }
    }

    public void Save(ReadOnlySpan<byte> state)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(state.Length, Longest);
        Span<byte> header = stackalloc byte[Header];
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], state.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Crc32C.Of(state));
        using var file = new AtomicFile(File);
        file.Write(header);
        file.Write(state);
        file.Commit();
    }

    /// <summary>Forgets all promises: the peer begins anew.</summary>
    public void Clear() => System.IO.File.Delete(File);
}
