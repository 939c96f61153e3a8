using System.Text;
using DecentralizedLion.Models.Datasets;

namespace DecentralizedLion.Peer.Cli.Tokenize;

/// <summary>
/// A UTF-8 file in pieces, so that it need not fit into memory. A piece ends before a space or line break that follows something
/// else: no token of GPT-2 goes across such a place, so the pieces have together the tokens of the whole.
/// </summary>
sealed class TextPieces(string path) : IDisposable
{
    /// <summary>A text without any such place is cut after so many characters: the tokenizer's time grows with the square of a
    /// word's length, and this many letters take a second or two.</summary>
    public const int LengthMax = 1 << 17;

    const int BlockLength = 1 << 16;

    // A mark of the byte order at the beginning is no part of the text.
    readonly StreamReader reader = new(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true),
        detectEncodingFromByteOrderMarks: false);

    char[] buffer = new char[2 * BlockLength];
    int begin, end;
    bool isAtEnd;

    /// <summary>The next piece; empty after the last. It is valid until the next call.</summary>
    /// <param name="wanted">The least number of characters in it, from 1 to <see cref="LengthMax"/>, where so many are
    /// left.</param>
    /// <exception cref="DataException">The file is not UTF-8.</exception>
    public ReadOnlySpan<char> Next(int wanted)
    {
        for (var at = wanted; ; at++)
        {
            while (begin + at >= end && !isAtEnd)
                Fill();
            if (begin + at >= end)
                return Take(end - begin);
            if (at >= LengthMax)
                return Take(char.IsLowSurrogate(buffer[begin + at]) ? at + 1 : at);
            if (char.IsWhiteSpace(buffer[begin + at]) && !char.IsWhiteSpace(buffer[begin + at - 1]))
                return Take(at);
        }
    }

    public void Dispose() => reader.Dispose();

    ReadOnlySpan<char> Take(int length)
    {
        var piece = buffer.AsSpan(begin, length);
        begin += length;
        return piece;
    }

    void Fill()
    {
        if (begin > 0)
            buffer.AsSpan(begin, end - begin).CopyTo(buffer);
        (begin, end) = (0, end - begin);
        if (buffer.Length - end < BlockLength)
            Array.Resize(ref buffer, 2 * buffer.Length);
        try
        {
            var read = reader.Read(buffer, end, BlockLength);
            end += read;
            isAtEnd = read == 0;
        }
        catch (DecoderFallbackException e)
        {
            throw new DataException($"{path} is not a UTF-8 text: {e.Message}", e);
        }
    }
}
