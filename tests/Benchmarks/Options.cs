using System.Globalization;

namespace DecentralizedLion.Benchmarks;

/// <summary>The options after a command's name: pairs of <c>--name value</c>, each asked for once by the command.</summary>
sealed class Options
{
    readonly Dictionary<string, string> values = [];

    public Options(string[] words)
    {
        if (words.Length % 2 != 0)
            throw new ArgumentException($"an option is a name and a value; found \"{string.Join(' ', words)}\"");
        for (int at = 0; at < words.Length; at += 2)
            values.Add(words[at], words[at + 1]);
    }

    public int Number(string name, int fallback) =>
        values.Remove(name, out string? value) ? int.Parse(value, CultureInfo.InvariantCulture) : fallback;

    public string? Text(string name) => values.Remove(name, out string? value) ? value : null;

    /// <summary>Every option has been asked for; what is left is none of this command's.</summary>
    public void Finish()
    {
        if (values.Count > 0)
            throw new ArgumentException($"unknown here: {string.Join(", ", values.Keys)}");
    }
}
