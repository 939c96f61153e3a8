using System.Globalization;
using System.Text;

namespace DecentralizedLion.Topology.Configuration;

/// <summary>Texts that came from elsewhere, as a person may be shown them: short, on one line, and without what would move a
/// terminal.</summary>
static class SafeText
{
    /// <summary>So many characters of a foreign text are shown.</summary>
    public const int LengthMax = 80;

    /// <summary>
    /// The text, shortened, with everything that is not a letter, mark, number, punctuation, symbol or plain space as
    /// <c>\uXXXX</c>: control characters, line separators, and those that turn the direction of writing.
    /// </summary>
    public static string Text(string text)
    {
        string head = text.Length > LengthMax ? text[..LengthMax] : text;
        if (head.Length < text.Length && char.IsHighSurrogate(head[^1]))
            head = head[..^1];
        string cut = head.Length < text.Length ? "…" : "";
        if (head.EnumerateRunes().All(IsPlain))
            return head + cut;
        return Escaped(head, IsPlain) + cut;
    }

    /// <summary>A message of any length, in which line feeds stay; the rest as <see cref="Text"/> has it.</summary>
    public static string Lines(string message) => Escaped(message, rune => rune.Value == '\n' || IsPlain(rune));

    static string Escaped(string text, Func<Rune, bool> isPlain)
    {
        var output = new StringBuilder(2 * text.Length);
        for (int at = 0; at < text.Length; at++)
        {
            if (Rune.TryGetRuneAt(text, at, out Rune rune) && isPlain(rune))
            {
                output.Append(text, at, rune.Utf16SequenceLength);
                at += rune.Utf16SequenceLength - 1;
            }
            else
            {
                output.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[at]:X4}");
            }
        }
        return output.ToString();
    }

    static bool IsPlain(Rune rune) => rune.Value == ' '
        || (!Rune.IsControl(rune) && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator
        or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate));
}
