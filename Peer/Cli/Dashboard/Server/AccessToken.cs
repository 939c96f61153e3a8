using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace DecentralizedLion.Peer.Cli.Dashboard.Server;

/// <summary>The secret that a page at an address other than loopback asks for.</summary>
sealed class AccessToken
{
    /// <summary>Fewer characters can be tried out.</summary>
    public const int LengthMin = 16;

    const int Bytes = 24;

    readonly byte[] hash;

    AccessToken(string text) => (Text, hash) = (text, SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>The secret.</summary>
    public string Text { get; }

    /// <summary>Makes a random one.</summary>
    public static AccessToken Create() => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes)));

    /// <summary>One that a person chose.</summary>
    /// <param name="text">At least <see cref="LengthMin"/> letters, digits, hyphens and underscores.</param>
    /// <param name="option">The option that it was given by.</param>
    /// <exception cref="UsageException">It is too short, or has other characters.</exception>
    public static AccessToken Of(string text, string option) =>
        text.Length >= LengthMin && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? new(text)
            : throw new UsageException($"{option}: found {text.Length} characters; allowed are {LengthMin} or more of A-Z, a-z, "
                + "0-9, - and _");

    /// <summary>Compares in a time that does not depend on where the two differ.</summary>
    public bool IsEqual(string? other) =>
        other is not null && CryptographicOperations.FixedTimeEquals(hash, SHA256.HashData(Encoding.UTF8.GetBytes(other)));
}
