using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DecentralizedLion.Codecs.Wire;

/// <summary>A link of the record chain: SHA-256(previous ‖ record), or of what the run began with.</summary>
readonly struct Digest : IEquatable<Digest>
{
    /// <summary>Bytes of a digest.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    readonly byte[]? bytes;

    /// <summary>Wraps 32 bytes, which are copied.</summary>
    /// <exception cref="ArgumentException">There are not 32.</exception>
    public Digest(ReadOnlySpan<byte> digest)
    {
        if (digest.Length != Length)
            throw new ArgumentException($"a digest has {Length} bytes, not {digest.Length}", nameof(digest));
        bytes = digest.ToArray();
    }

    /// <summary>The 32 bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes ?? new byte[Length];

    /// <summary>The digest that a run's chain begins with: SHA-256(fingerprint ‖ run id ‖ digest of the initial state).</summary>
    /// <param name="fingerprint">The run fingerprint's digest, 32 bytes.</param>
    /// <param name="runId">A number that tells two runs of the same settings apart.</param>
    /// <param name="state">SHA-256 of the initial state.</param>
    public static Digest OfRunStart(ReadOnlySpan<byte> fingerprint, ulong runId, Digest state)
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(number, runId);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(fingerprint);
        hash.AppendData(number);
        hash.AppendData(state.Bytes.Span);
        return new Digest(hash.GetHashAndReset());
    }

    /// <summary>SHA-256 of some bytes.</summary>
    public static Digest Of(ReadOnlySpan<byte> data) => new(SHA256.HashData(data));

    /// <inheritdoc/>
    public bool Equals(Digest other) => Bytes.Span.SequenceEqual(other.Bytes.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => BinaryPrimitives.ReadInt32LittleEndian(Bytes.Span);

    /// <summary>The first 12 hexadecimal digits: enough to tell by eye.</summary>
    public string Short => Convert.ToHexStringLower(Bytes.Span[..6]);

    /// <summary>All 64 hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(Bytes.Span);

    /// <summary>Same digest.</summary>
    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    /// <summary>Another digest.</summary>
    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);
}
