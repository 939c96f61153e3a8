using System.Security.Cryptography;

namespace DecentralizedLion.Peer.Configuration;

/// <summary>The digest of a file that all peers must have the same of, wherever it lies on each host.</summary>
static class FileDigest
{
    /// <summary>The value of a file that cannot be read; whoever needs the file has told why.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>SHA-256 of the contents in hexadecimal, or <see cref="Unreadable"/>.</summary>
    public static string Of(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var block = new byte[1 << 16];
            // No further than its length: a device may have no end.
            for (var left = stream.Length; left > 0;)
            {
                var read = stream.Read(block, 0, (int)Math.Min(block.Length, left));
                if (read == 0)
                    break;
                hash.AppendData(block, 0, read);
                left -= read;
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return Unreadable;
        }
    }
}
