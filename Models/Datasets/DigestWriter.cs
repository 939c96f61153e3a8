using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace DecentralizedLion.Models.Datasets;

/// <summary>Numbers and names in a digest, in one form on all machines.</summary>
static class DigestWriter
{
    /// <summary>A hash that begins with what kind of content follows.</summary>
    public static IncrementalHash Start(string kind)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(kind));
        hash.AppendData("\n"u8);
        return hash;
    }

    /// <summary>Adds a number, so that what follows it cannot be taken for something else of another length.</summary>
    public static void Add(this IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
