using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace DecentralizedLion.Models.Datasets;

/// <summary>The one reading of all files of a <see cref="TokenDataset"/>: every token is checked and the digest
/// computed.</summary>
sealed class TokenCheck(string name, int tokenBytes, int vocabulary, IReadOnlyList<MappedFile> files, DataCheckOptions options)
{
    const int Step = 1 << 20;

    static readonly TimeSpan betweenReports = TimeSpan.FromSeconds(2);

    readonly long start = options.Time.GetTimestamp();
    readonly long total = files.Sum(file => file.Length);
    long reported = options.Time.GetTimestamp();
    bool hasReported;

    /// <summary>The SHA-256 of the content, from memory where the files are as they were.</summary>
    /// <exception cref="DataException">A token is too large, or the files are of wider numbers.</exception>
    public byte[] Run()
    {
        if (options.File is { } known && DataCheckFile.Read(known, name, vocabulary, files) is { } remembered)
            return remembered;
        using var hash = DigestWriter.Start(name);
        hash.Add(vocabulary);
        long done = 0;
        foreach (var file in files)
        {
            hash.Add(file.Length);
            Read(file, hash, ref done);
        }
        var digest = hash.GetHashAndReset();
        if (hasReported)
            Report($"the data are checked: {Size(total)} in "
                + $"{options.Time.GetElapsedTime(start).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s");
        Remember(digest);
        return digest;
    }

    void Read(MappedFile file, IncrementalHash hash, ref long done)
    {
        var maxima = new TokenMaxima();
        for (long offset = 0; offset < file.Length; offset += Step)
        {
            var bytes = file.Slice(offset, (int)Math.Min(Step, file.Length - offset));
            if (tokenBytes == sizeof(ushort))
                maxima.Add(MemoryMarshal.Cast<byte, ushort>(bytes));
            hash.AppendData(bytes);
            done += bytes.Length;
            if (options.Time.GetElapsedTime(reported) < betweenReports)
                continue;
            reported = options.Time.GetTimestamp();
            hasReported = true;
            Report($"checking {file.Path}: {100 * done / total} % of {Size(total)}");
        }
        if (tokenBytes != sizeof(ushort))
            return;
        if (IsFloat(file))
            throw new DataException($"{file.Path} is of 32-bit floating-point numbers; expected tokens of 16 bits, "
                + "little-endian: write them anew, as numpy.fromfile(file, '<f4').astype('<u2').tofile('train.bin') does");
        if (maxima.Width > 16)
            RefuseWide(file, maxima);
        if (maxima.Largest >= vocabulary)
            RefuseLarge(file, maxima.Largest);
        if (maxima.IsConstant)
            throw new DataException($"{file.Path}: all {file.Length / sizeof(ushort)} tokens are {maxima.Largest}; expected a "
                + "text's tokens: make the file anew");
    }

    [DoesNotReturn]
    static void RefuseWide(MappedFile file, TokenMaxima maxima) => throw new DataException(
        $"{file.Path} is of {maxima.Width}-bit numbers: read as 16-bit tokens, every other one is 0 or nearly; expected "
        + "tokens of 16 bits, little-endian: write them anew, as numpy.fromfile(file, "
        + $"'<u{maxima.Width / 8}').astype('<u2').tofile('train.bin') does, where all are below 65536");

    [DoesNotReturn]
    void RefuseLarge(MappedFile file, int largest)
    {
        long first = -1, wrong = 0;
        var largestSwapped = 0;
        for (long offset = 0; offset < file.Length; offset += Step)
        {
            var tokens = MemoryMarshal.Cast<byte, ushort>(file.Slice(offset, (int)Math.Min(Step, file.Length - offset)));
            for (var at = 0; at < tokens.Length; at++)
            {
                largestSwapped = Math.Max(largestSwapped, BinaryPrimitives.ReverseEndianness(tokens[at]));
                if (tokens[at] < vocabulary)
                    continue;
                wrong++;
                if (first < 0)
                    first = (offset / sizeof(ushort)) + at;
            }
        }
        if (largestSwapped < vocabulary && wrong > 1)
            throw new DataException($"{file.Path} is of big-endian numbers: with their bytes swapped all are below {vocabulary}; "
                + "expected tokens of 16 bits, little-endian: write them anew, as numpy.fromfile(file, "
                + "'>u2').astype('<u2').tofile('train.bin') does");
        throw new DataException(TokenRange.TooLarge(file, first, vocabulary)
            + $"; {wrong} of its {file.Length / sizeof(ushort)} tokens are too large, the largest is {largest}: it is of a "
            + $"vocabulary of at least {largest + 1} (then set data.vocabulary to it), or damaged (then make it anew)");
    }

    /// <summary>True when the file's beginning makes sense as floating-point numbers that are tokens: whole ones from 0 to
    /// 65535.</summary>
    static bool IsFloat(MappedFile file)
    {
        var numbers = MemoryMarshal.Cast<byte, float>(file.Slice(0, (int)Math.Min(FileFormat.Start, file.Length)));
        var positive = 0;
        foreach (var number in numbers)
        {
            if (number is not (>= 0 and <= ushort.MaxValue) || number != MathF.Floor(number))
                return false;
            positive += number > 0 ? 1 : 0;
        }
        return positive > 8;
    }

    void Remember(byte[] digest)
    {
        if (options.File is not { } path || options.IsReadOnly)
            return;
        try
        {
            DataCheckFile.Write(path, name, vocabulary, files, digest);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Report($"{path} cannot be written ({e.Message}); the data will be checked again at the next start");
        }
    }

    void Report(string text) => options.Report?.Invoke(text);

    static string Size(long bytes) => bytes < 1 << 20
        ? $"{bytes} bytes" : (bytes / (double)(1 << 30)).ToString("0.00", CultureInfo.InvariantCulture) + " GiB";
}
