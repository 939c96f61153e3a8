using System.Buffers.Binary;
using System.Text;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>
/// The promises of a peer to the others, in the file <c>view.state</c> of its folder: a magic number, the length, a CRC-32C, the
/// ids of the roster (their bytes' number, then one a line), the state. Who cannot read it has forgotten its promises and comes
/// back as a newcomer.
/// </summary>
/// <param name="folder">The peer's folder.</param>
/// <param name="roster">The ids that a state's roster indices stand for; null: they are not written.</param>
sealed class ViewStore(string folder, IReadOnlyList<string>? roster = null) : IViewStore
{
    // The first is of files without the roster's ids.
    const ulong Magic = 0x574549564E4F494C, MagicWithRoster = 0x325649564E4F494C; // "LIONVIEW", "LIONVIV2"
    const int Header = sizeof(ulong) + sizeof(int) + sizeof(uint);

    /// <summary>Far more than a view of 256 members takes.</summary>
    const int Longest = 1 << 20;

    public string File { get; } = Path.Combine(folder, "view.state");

    /// <summary>True when there is a file that <see cref="Load"/> cannot make out.</summary>
    public bool IsDamaged => System.IO.File.Exists(File) && Load() is null;

    public byte[]? Load() => Read()?.State;

    /// <summary>The ids that the roster indices in the file stand for; null: they are not known.</summary>
    public IReadOnlyList<string>? LoadRoster() => Read()?.Roster;

    (byte[] State, string[]? Roster)? Read()
    {
        try
        {
            using var stream = new FileStream(File, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length is < Header or > Header + Longest)
                return null;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            var state = bytes.AsSpan(Header);
            if (BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8)) != state.Length
                || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12)) != Crc32C.Of(state))
                return null;
            var magic = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            if (magic == Magic)
                return (state.ToArray(), null);
            if (magic != MagicWithRoster || state.Length < sizeof(int)
                || BinaryPrimitives.ReadInt32LittleEndian(state) is var length
                && (length < 0 || length > state.Length - sizeof(int)))
                return null;
            return (state[(sizeof(int) + length)..].ToArray(),
                Encoding.UTF8.GetString(state.Slice(sizeof(int), length)).Split('\n'));
        }
        catch (IOException)
        {
            return null; // missing, or the disk cannot read it any more
        }
    }

    public void Save(ReadOnlySpan<byte> state)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(state.Length, Longest);
        byte[] ids = roster is null ? [] : Encoding.UTF8.GetBytes(string.Join('\n', roster)), length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, ids.Length);
        byte[] content = roster is null ? state.ToArray() : [.. length, .. ids, .. state];
        Span<byte> header = stackalloc byte[Header];
        BinaryPrimitives.WriteUInt64LittleEndian(header, roster is null ? Magic : MagicWithRoster);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Crc32C.Of(content));
        using var file = new AtomicFile(File);
        file.Write(header);
        file.Write(content);
        file.Commit();
    }

    /// <summary>Forgets all promises: the peer begins anew.</summary>
    public void Clear() => System.IO.File.Delete(File);
}
