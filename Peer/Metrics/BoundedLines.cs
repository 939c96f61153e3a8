using System.Text;

namespace DecentralizedLion.Peer.Metrics;

/// <summary>Lines of a text of any length, in bounded memory.</summary>
static class BoundedLines
{
    /// <summary>No event is nearly as long, in characters.</summary>
    public const int LengthMax = 1 << 20;

    /// <summary>The lines of a text but those that are longer than <see cref="LengthMax"/>.</summary>
    public static IEnumerable<string> Of(TextReader text)
    {
        var buffer = new char[1 << 14];
        var line = new StringBuilder();
        var skips = false;
        while (text.Read(buffer, 0, buffer.Length) is > 0 and var count)
        {
            for (var at = 0; at < count;)
            {
                var end = Array.IndexOf(buffer, '\n', at, count - at);
                var length = (end < 0 ? count : end) - at;
                skips |= line.Length + length > LengthMax;
                if (!skips)
                    line.Append(buffer, at, length);
                at += length;
                if (end < 0)
                    continue;
                at++;
                if (!skips)
                    yield return Take(line);
                line.Clear();
                skips = false;
            }
        }
        if (!skips && line.Length > 0)
            yield return Take(line);
    }

    static string Take(StringBuilder line) =>
        line.Length > 0 && line[^1] == '\r' ? line.ToString(0, line.Length - 1) : line.ToString();
}
