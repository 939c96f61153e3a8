using System.Text;

namespace DecentralizedLion.Fuzz.Inputs;

/// <summary>Changes a text by its tokens, so that most of what comes out is still nearly JSON.</summary>
static class TextMutator
{
    static readonly string[] tokens = [
        "null", "true", "false", "0", "-0", "-1", "1", "1e999", "-1e999", "1e-999", "0.1", "2147483647", "2147483648",
        "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616",
        "1.7976931348623157e308", "\"\"", "\"a\"", "\"\\ud800\"", "\"\\u0000\"", "\"\\u001b[2J\"", "[]", "{}", "[null]",
        "{\"a\":1}", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "//", "/*", ",", ":", "{", "}",
        "[", "]", "\"", "-", "\u00e9", "\ufeff", "\u2028", "NaN", "Infinity", ".", "-.", "0-0", "255", "256", "65535", "65536"];

    /// <summary>One token less, one more, another one, or two exchanged.</summary>
    public static byte[] Change(byte[] input, FuzzRandom random)
    {
        List<Range> parts = Split(input);
        if (parts.Count == 0)
            return Encoding.UTF8.GetBytes(random.Of<string>(tokens));
        Range at = parts[random.Below(parts.Count)], other = parts[random.Below(parts.Count)];
        return random.Below(6) switch
        {
            0 => [.. input[..at.Start], .. input[at.End..]],
            1 => [.. input[..at.End], .. input[at.Start..]],
            2 => [.. input[..at.Start], .. input[other], .. input[at.End..]],
            3 => [.. input[..at.Start], .. Enumerable.Repeat(input[at], 1 + random.Below(40)).SelectMany(token => token),
                    .. input[at.End..]],
            _ => [.. input[..at.Start], .. Encoding.UTF8.GetBytes(random.Of<string>(tokens)), .. input[at.End..]],
        };
    }

    /// <summary>Words and numbers, texts in quotes, and every other character alone.</summary>
    static List<Range> Split(byte[] text)
    {
        var parts = new List<Range>();
        for (int at = 0; at < text.Length;)
        {
            int start = at++;
            if (text[start] == '"')
            {
                while (at < text.Length && text[at] != '"')
                    at++;
                at = Math.Min(at + 1, text.Length);
            }
            else if (IsWord(text[start]))
            {
                while (at < text.Length && IsWord(text[at]))
                    at++;
            }
            if (text[start] > ' ')
                parts.Add(start..at);
        }
        return parts;
    }

    static bool IsWord(byte letter) =>
        char.IsAsciiLetterOrDigit((char)letter) || letter is (byte)'_' or (byte)'.' or (byte)'-' or (byte)'+';
}
