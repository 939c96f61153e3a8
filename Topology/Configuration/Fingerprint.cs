using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace DecentralizedLion.Topology.Configuration;

/// <summary>
/// The settings that all peers of a run must agree on: named fields and their SHA-256. The digest is over the fields sorted by
/// name (ordinal), each as two UTF-8 texts with their length in front as 4 little-endian bytes, so that no two lists share an
/// encoding.
/// </summary>
sealed class Fingerprint
{
    readonly byte[] digest;

    /// <summary>Makes a fingerprint of the parts, whose order matters to <see cref="Differences"/> only.</summary>
    /// <exception cref="ArgumentException">Two parts have one name.</exception>
    public Fingerprint(IEnumerable<FingerprintField> settings)
    {
        Fields = [.. settings];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string? last = null;
        foreach (var setting in Fields.OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            if (setting.Name == last)
                throw new ArgumentException($"the fingerprint has the field {setting.Name} twice", nameof(settings));
            last = setting.Name;
            Append(hash, setting.Name);
            Append(hash, setting.Value);
        }
        digest = hash.GetHashAndReset();
    }

    /// <summary>The parts, in the order they were given.</summary>
    public IReadOnlyList<FingerprintField> Fields { get; }

    /// <summary>The SHA-256, 32 bytes.</summary>
    public ReadOnlyMemory<byte> Digest => digest;

    /// <summary>The digest's first 8 bytes as a little-endian number: what every frame carries.</summary>
    public ulong Run => BinaryPrimitives.ReadUInt64LittleEndian(digest);

    /// <summary>The digest in lower-case hexadecimal, 64 characters.</summary>
    public string Hex => Convert.ToHexStringLower(digest);

    /// <summary>The fields, in this fingerprint's order and then the other's, that only one has or that have two
    /// values.</summary>
    public IReadOnlyList<FingerprintDifference> Differences(IReadOnlyList<FingerprintField> theirs)
    {
        ArgumentNullException.ThrowIfNull(theirs);
        var differences = new List<FingerprintDifference>();
        foreach (var setting in Fields)
            if (Value(theirs, setting.Name) is var value && value != setting.Value)
                differences.Add(new(setting.Name, setting.Value, value));
        foreach (var setting in theirs)
            if (Value(Fields, setting.Name) is null)
                differences.Add(new(setting.Name, null, setting.Value));
        return differences;
    }

    static string? Value(IReadOnlyList<FingerprintField> settings, string field)
    {
        foreach (var setting in settings)
            if (setting.Name == field)
                return setting.Value;
        return null;
    }

    static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
