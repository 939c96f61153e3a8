using System.Security.Cryptography;
using System.Text;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>The constants of the safetensors format that reader and writer share.</summary>
static class Safetensors
{
    /// <summary>The header's entry for texts; no tensor may have this name.</summary>
    public const string Metadata = "__metadata__";

    /// <summary>Our metadata key: SHA-256 of the other metadata and all data, in hexadecimal.</summary>
    public const string Digest = "sha256";

    /// <summary>The longest header that the format allows, in bytes.</summary>
    public const long MaxHeader = 100_000_000;

    /// <summary>A hash that has taken in the metadata, but for the digest's own; the data follow.</summary>
    public static IncrementalHash BeginDigest(IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (key, value) in metadata.Where(entry => entry.Key != Digest)
            .OrderBy(entry => entry.Key, StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes($"{key}\0{value}\0"));
        return hash;
    }
}
