using System.Buffers.Text;
using System.Numerics;
using System.Security.Cryptography;

namespace DecentralizedLion.Topology.Security;

/// <summary>
/// A peer's public key as <c>peers.json</c> has it: a point of the curve P-256, compressed (SEC 1, 2.3.3) to 33 bytes and written
/// as 44 characters of base64url.
/// </summary>
sealed class PeerPublicKey : IEquatable<PeerPublicKey>
{
    /// <summary>Bytes of a compressed point: the parity of y, then x with the highest byte first.</summary>
    public const int Length = 1 + CoordinateLength;

    /// <summary>Characters of its text.</summary>
    public const int TextLength = 44;

    /// <summary>The texts that are allowed, for messages.</summary>
    public const string Allowed = "44 characters of A–Z a–z 0–9 - _ as peer keygen prints them";

    const int CoordinateLength = 32;
    const byte Even = 2, Odd = 3;

    // y² = x³ − 3x + b over the field of p (FIPS 186-4, D.1.2.3).
    static readonly BigInteger P = Hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    static readonly BigInteger B = Hex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    readonly byte[] bytes;

    PeerPublicKey(byte[] bytes, byte[] x, byte[] y)
    {
        this.bytes = bytes;
        Point = new ECPoint { X = x, Y = y };
    }

    /// <summary>The 33 bytes.</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>Both coordinates, 32 bytes each.</summary>
    internal ECPoint Point { get; }

    /// <summary>Reads a text; it is a key only when the point is on the curve.</summary>
    /// <param name="text">From a file that a person wrote.</param>
    /// <param name="key">The key, when it is one.</param>
    /// <param name="reason">Why it is none.</param>
    public static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PeerPublicKey? key,
        out string reason)
    {
        ArgumentNullException.ThrowIfNull(text);
        key = null;
        reason = "";
        var bytes = new byte[Length];
        if (text.Length != TextLength || !text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            || !Base64Url.TryDecodeFromChars(text, bytes, out int written) || written != Length || bytes[0] is not (Even or Odd))
            reason = "not a public key";
        else if (!TryDecompress(bytes, out byte[]? y))
            reason = "not a point of the curve P-256 (is a character of it wrong?)";
        else
            key = new PeerPublicKey(bytes, bytes[1..], y);
        return key is not null;
    }

    /// <summary>The public half of what a key pair's owner has.</summary>
    internal static PeerPublicKey Of(ECPoint point)
    {
        byte[] x = point.X!, y = point.Y!;
        return new PeerPublicKey([(y[^1] & 1) == 0 ? Even : Odd, .. x], x, y);
    }

    /// <summary>True when who has one's secret has the other's, too: the same point, or its mirror image.</summary>
    public bool IsOfSameSecret(PeerPublicKey other) => other is not null && bytes.AsSpan(1).SequenceEqual(other.bytes.AsSpan(1));

    /// <inheritdoc/>
    public bool Equals(PeerPublicKey? other) => other is not null && bytes.AsSpan().SequenceEqual(other.bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PeerPublicKey);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(bytes, 1);

    /// <summary>The 44 characters.</summary>
    public override string ToString() => Base64Url.EncodeToString(bytes);

    // A public key is no secret: nothing here need take the same time for all.
    static bool TryDecompress(byte[] bytes, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out byte[]? y)
    {
        y = null;
        var x = new BigInteger(bytes.AsSpan(1), isUnsigned: true, isBigEndian: true);
        if (x >= P)
            return false;
        BigInteger square = Modulo(x * x * x - 3 * x + B);
        BigInteger root = BigInteger.ModPow(square, (P + 1) / 4, P); // p mod 4 is 3
        if (Modulo(root * root) != square)
            return false;
        if (root.IsEven != (bytes[0] == Even))
            root = Modulo(-root);
        y = new byte[CoordinateLength];
        byte[] digits = root.ToByteArray(isUnsigned: true, isBigEndian: true);
        digits.CopyTo(y, CoordinateLength - digits.Length);
        return root.IsEven == (bytes[0] == Even);
    }

    static BigInteger Modulo(BigInteger value) =>
        BigInteger.Remainder(value, P) is { Sign: < 0 } negative ? negative + P : BigInteger.Remainder(value, P);

    static BigInteger Hex(string digits) => new(Convert.FromHexString(digits), isUnsigned: true, isBigEndian: true);
}
