using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace DecentralizedLion.Topology.Security;

/// <summary>One end of a link: an id of the roster and the key beside it.</summary>
/// <param name="Id">The id.</param>
/// <param name="Key">The public key.</param>
public readonly record struct LinkEnd(string Id, PublicKey Key);

/// <summary>
/// The secret keys of the links' CURVE servers. Each ordered pair of peers, who listens and who dials, has one of its own, which both
/// derive from their own secret and the other's public key (ECDH, then HKDF-SHA256, RFC 5869). A dialler that does not know its public
/// half cannot even begin a handshake: it is what admits, see docs/security.md.
/// </summary>
public static class PairKeys
{
    /// <summary>Bytes of a CURVE secret.</summary>
    public const int Length = 32;

    static readonly byte[] Label = Encoding.ASCII.GetBytes("DecentralizedLion link key 1");

    /// <summary>The CURVE secret, 32 bytes, of the socket at which <paramref name="listener"/> listens for <paramref name="dialler"/>.</summary>
    /// <param name="mine">The key of either end.</param>
    /// <param name="run">The run's name.</param>
    /// <param name="listener">Who listens.</param>
    /// <param name="dialler">Who dials.</param>
    /// <exception cref="ArgumentException">The key is neither end's, or both ends are one.</exception>
    public static byte[] Derive(PeerKey mine, string run, LinkEnd listener, LinkEnd dialler)
    {
        ArgumentNullException.ThrowIfNull(mine);
        bool listens = mine.Public.Equals(listener.Key);
        if (!listens && !mine.Public.Equals(dialler.Key))
            throw new ArgumentException($"the key is neither {listener.Id}'s nor {dialler.Id}'s", nameof(mine));
        if (listener.Key.IsOfSameSecret(dialler.Key))
            throw new ArgumentException($"{listener.Id} and {dialler.Id} have one key", nameof(dialler));
        byte[] shared = mine.Agree(listens ? dialler.Key : listener.Key);
        byte[] secret = HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, Length, Label, Info(run, listener, dialler));
        CryptographicOperations.ZeroMemory(shared);
        // What X25519 does to every secret (RFC 7748, 5): done here, no engine's habit can make the public halves differ.
        secret[0] &= 0xf8;
        secret[^1] = (byte)(secret[^1] & 0x7f | 0x40);
        return secret;
    }

    /// <summary>All that tells this link from any other, each part with its length before it, so that no two links share an encoding.</summary>
    static byte[] Info(string run, LinkEnd listener, LinkEnd dialler)
    {
        using var info = new MemoryStream();
        Append(Encoding.UTF8.GetBytes(run));
        Append(Encoding.UTF8.GetBytes(listener.Id));
        Append(Encoding.UTF8.GetBytes(dialler.Id));
        Append(listener.Key.Bytes);
        Append(dialler.Key.Bytes);
        return info.ToArray();

        void Append(ReadOnlySpan<byte> part)
        {
            Span<byte> length = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
            info.Write(length);
            info.Write(part);
        }
    }
}
