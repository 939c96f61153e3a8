using System.Security.Cryptography;
using DecentralizedLion.Topology.Security;
using NetMQ;

namespace DecentralizedLion.Topology.Transport;

/// <summary>The two CURVE server keys of a pair link: the one that we listen with, and the public half of the one that we dial.</summary>
public sealed class LinkKeys : IEquatable<LinkKeys>
{
    /// <summary>Bytes that CURVE adds to each ZeroMQ frame: its name, a nonce, a MAC and flags (ZeroMQ RFC 26).</summary>
    internal const int Overhead = 8 + 8 + 16 + 1;

    LinkKeys(NetMQCertificate listening, NetMQCertificate dialled) => (Listening, Dialled) = (listening, dialled);

    /// <summary>Both halves of the key that the other peer dials.</summary>
    internal NetMQCertificate Listening { get; }

    /// <summary>The public half of the key that the other peer listens with.</summary>
    internal NetMQCertificate Dialled { get; }

    /// <summary>The keys of the link between us and another peer.</summary>
    /// <param name="mine">Our key.</param>
    /// <param name="run">The run's name.</param>
    /// <param name="self">We.</param>
    /// <param name="other">The other peer.</param>
    public static LinkKeys Derive(PeerKey mine, string run, LinkEnd self, LinkEnd other)
    {
        byte[] theirs = PairKeys.Derive(mine, run, other, self);
        var dialled = NetMQCertificate.FromPublicKey(NetMQCertificate.CreateFromSecretKey(theirs).PublicKey);
        CryptographicOperations.ZeroMemory(theirs);
        return new LinkKeys(NetMQCertificate.CreateFromSecretKey(PairKeys.Derive(mine, run, self, other)), dialled);
    }

    /// <inheritdoc/>
    public bool Equals(LinkKeys? other) => other is not null
        && Listening.PublicKey.AsSpan().SequenceEqual(other.Listening.PublicKey) && Dialled.PublicKey.AsSpan().SequenceEqual(other.Dialled.PublicKey);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LinkKeys);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(Listening.PublicKey);
}
