using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MessagePack;

namespace DecentralizedLion.Codecs.Wire;

/// <summary>A link of the record chain: SHA-256(previous ‖ record), or of what the run began with. A value of 32 bytes, without
/// memory of its own.</summary>
readonly struct Digest : IEquatable<Digest>
{
    /// <summary>Bytes of a digest.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    readonly Storage storage;

    /// <summary>Takes 32 bytes.</summary>
    /// <exception cref="ArgumentException">There are not 32.</exception>
    public Digest(ReadOnlySpan<byte> digest)
    {
        if (digest.Length != Length)
            throw new ArgumentException($"a digest has {Length} bytes, not {digest.Length}", nameof(digest));
        storage = MemoryMarshal.Read<Storage>(digest);
    }

    /// <summary>The 32 bytes.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes<ulong>(storage);

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
        hash.AppendData(state.Bytes);
        return OfAll(hash);
    }

    /// <summary>SHA-256 of some bytes.</summary>
    public static Digest Of(ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[Length];
        SHA256.HashData(data, digest);
        return new Digest(digest);
    }

    /// <summary>The digest of all that was given to a hash, which begins anew.</summary>
    /// <param name="hash">SHA-256.</param>
    public static Digest OfAll(IncrementalHash hash)
    {
        Span<byte> digest = stackalloc byte[Length];
        hash.GetHashAndReset(digest);
        return new Digest(digest);
    }

    /// <summary>Writes the 32 bytes as a MessagePack binary.</summary>
    public void Write(ref MessagePackWriter writer)
    {
        writer.WriteBinHeader(Length);
        Bytes.CopyTo(writer.GetSpan(Length));
        writer.Advance(Length);
    }

    /// <inheritdoc/>
    public bool Equals(Digest other) => Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => BinaryPrimitives.ReadInt32LittleEndian(Bytes);

    /// <summary>The first 12 hexadecimal digits: enough to tell by eye.</summary>
    public string Short => Convert.ToHexStringLower(Bytes[..6]);

    /// <summary>All 64 hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(Bytes);

    /// <summary>Same digest.</summary>
    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    /// <summary>Another digest.</summary>
    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);

    [InlineArray(Length / sizeof(ulong))]
    struct Storage
    {
        ulong first;
    }
}
