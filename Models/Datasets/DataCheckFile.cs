using System.Security.Cryptography;
using System.Text.Json;

namespace DecentralizedLion.Models.Datasets;

/// <summary>
/// A small file that remembers the result of reading the data through: for these files, by path, size, time of the last change
/// and a digest of pieces of them, the digest of the whole. Any difference means that they are read through again.
/// </summary>
static class DataCheckFile
{
    const int Version = 1, Pieces = 64, PieceLength = 4096;

    sealed record Entry(string Path, long Bytes, DateTime Modified, string Pieces);

    sealed record Content(int Version, string Data, int Vocabulary, IReadOnlyList<Entry> Files, string Digest);

    /// <summary>The remembered digest of the same data; null when there is none.</summary>
    public static byte[]? Read(string path, string data, int vocabulary, IReadOnlyList<MappedFile> files)
    {
        try
        {
            if (!File.Exists(path)
                || JsonSerializer.Deserialize<Content>(File.ReadAllBytes(path)) is not { Files: { } known } found
                || (found.Version, found.Data, found.Vocabulary) != (Version, data, vocabulary)
                || !known.SequenceEqual(files.Select(EntryOf)))
                return null;
            var digest = Convert.FromHexString(found.Digest);
            return digest.Length == SHA256.HashSizeInBytes ? digest : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or FormatException
            or ArgumentNullException)
        {
            return null; // the data are read through once more
        }
    }

    /// <summary>Remembers a digest; the file is whole or as it was before.</summary>
    public static void Write(string path, string data, int vocabulary, IReadOnlyList<MappedFile> files, byte[] digest)
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var part = full + ".part";
        File.WriteAllBytes(part, JsonSerializer.SerializeToUtf8Bytes(new Content(
            Version, data, vocabulary, [.. files.Select(EntryOf)], Convert.ToHexStringLower(digest))));
        File.Move(part, full, overwrite: true);
    }

    static Entry EntryOf(MappedFile file) =>
        new(file.Path, file.Length, File.GetLastWriteTimeUtc(file.Path), PiecesOf(file));

    /// <summary>SHA-256 of pieces from all over a file, so that another file of the same size and time is seen.</summary>
    static string PiecesOf(MappedFile file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var last = Math.Max(0, file.Length - PieceLength);
        for (var i = 0; i < Pieces; i++)
        {
            var offset = (long)(last / (Pieces - 1.0) * i);
            hash.AppendData(file.Slice(offset, (int)Math.Min(PieceLength, file.Length - offset)));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
