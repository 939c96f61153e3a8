using System.Text.Json;

namespace DecentralizedLion.Topology.Configuration;

/// <summary>
/// Reads one JSON object into typed values and remembers which fields were asked for, so that <see cref="Finish"/> can name those
/// nobody knows. The first error is thrown, as a <see cref="SettingsException"/> with the field's path. Comments and trailing
/// commas are allowed; a field that appears twice is not. A field is required unless a fallback is given.
/// </summary>
sealed class SettingsReader
{
    const int ShownLength = 60;
    readonly string source;
    readonly Dictionary<string, JsonElement> fields = new(StringComparer.Ordinal);
    readonly List<string> known = [];
    readonly List<SettingsReader> children = [];

    SettingsReader(string source, string path, JsonElement element)
    {
        this.source = source;
        Path = path;
        if (element.ValueKind != JsonValueKind.Object)
            throw Error("", $"found {Show(element)}; allowed is an object {{ … }}");
        foreach (var field in element.EnumerateObject())
            if (!fields.TryAdd(field.Name, field.Value))
                throw Error(field.Name, "the field appears twice; allowed is once");
    }

    /// <summary>The path of this object in the file: empty for the whole, <c>model</c>, <c>peers[2]</c>.</summary>
    public string Path { get; }

    /// <summary>The names of the fields that the file has here, in its order.</summary>
    public IEnumerable<string> Present => fields.Keys;

    /// <summary>The fields that the file has here with their values, in its order.</summary>
    public IEnumerable<KeyValuePair<string, JsonElement>> Values => fields;

    /// <summary>Parses a text. <paramref name="source"/> is what errors call it, usually the file's name.</summary>
    /// <exception cref="SettingsException">The text is not JSON (with line and column), or not an object.</exception>
    public static SettingsReader Parse(string json, string source) => new(source, "", SettingsDocument.Parse(json, source));

    /// <summary>Reads and parses a file of at most 16 MiB.</summary>
    /// <exception cref="SettingsException">The file cannot be read, or <see cref="Parse"/> refuses it.</exception>
    public static SettingsReader Open(string file) => new(file, "", SettingsDocument.Read(file));

    /// <summary>True when the file has this field (asking makes it known).</summary>
    public bool Has(string name)
    {
        Know(name);
        return fields.ContainsKey(name);
    }

    /// <summary>A text, not empty unless that is allowed.</summary>
    public string Text(string name, string? fallback = null, bool allowEmpty = false)
    {
        if (!Take(name, fallback is not null, "a text", out var value))
            return fallback!;
        if (value.ValueKind != JsonValueKind.String || (!allowEmpty && value.GetString()!.Length == 0))
            throw Wrong(name, value, allowEmpty ? "a text in quotes" : "a text in quotes, not empty");
        return value.GetString()!;
    }

    /// <summary>One of the given names, spelled exactly.</summary>
    public string OneOf(string name, IReadOnlyList<string> allowed, string? fallback = null)
    {
        var list = string.Join(", ", allowed.Select(a => $"\"{a}\""));
        if (!Take(name, fallback is not null, $"one of {list}", out var value))
            return fallback!;
        if (value.ValueKind != JsonValueKind.String || !allowed.Contains(value.GetString()!, StringComparer.Ordinal))
            throw Wrong(name, value, $"one of {list}");
        return value.GetString()!;
    }

    /// <summary>True when a field is a text, and this one; any other is left to be read.</summary>
    public bool Says(string name, string text) =>
        fields.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() == text
        && Has(name);

    /// <summary>A whole number from <paramref name="min"/> to <paramref name="max"/>, both included.</summary>
    public int Int(string name, int min, int max, int? fallback = null) => (int)Long(name, min, max, fallback);

    /// <summary>A whole number from <paramref name="min"/> to <paramref name="max"/>, both included.</summary>
    public long Long(string name, long min, long max, long? fallback = null)
    {
        var allowed = $"a whole number from {min} to {max}";
        if (!Take(name, fallback.HasValue, allowed, out var value))
            return fallback!.Value;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number) || number < min || number > max)
            throw Wrong(name, value, allowed);
        return number;
    }

    /// <summary>A whole number from 0 to 2^64−1 (seeds).</summary>
    public ulong Unsigned(string name, ulong? fallback = null)
    {
        var allowed = $"a whole number from 0 to {ulong.MaxValue}";
        if (!Take(name, fallback.HasValue, allowed, out var value))
            return fallback!.Value;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetUInt64(out var number))
            throw Wrong(name, value, allowed);
        return number;
    }

    /// <summary>
    /// A number from <paramref name="min"/> to <paramref name="max"/>; a limit belongs to the range unless it is said to be
    /// excluded.
    /// </summary>
    public double Number(
        string name, double min, double max, double? fallback = null, bool excludeMin = false, bool excludeMax = false)
    {
        var allowed = FormattableString.Invariant(
            $"a number {(excludeMin ? "above" : "from")} {min} {(excludeMax ? "and below" : "to")} {max}");
        if (!Take(name, fallback.HasValue, allowed, out var value))
            return fallback!.Value;
        var good = value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            && (excludeMin ? number > min : number >= min) && (excludeMax ? number < max : number <= max);
        return good ? value.GetDouble() : throw Wrong(name, value, allowed);
    }

    /// <summary>One or several whole numbers, each from <paramref name="min"/> to <paramref name="max"/>, different ones unless
    /// they may repeat: <c>4</c> or <c>[4, 8]</c>.</summary>
    public IReadOnlyList<int> Ints(string name, int min, int max, IReadOnlyList<int>? fallback = null, bool mayRepeat = false) =>
        Several(name, $"a whole number from {min} to {max}", fallback,
            value => value.TryGetInt32(out var number) && number >= min && number <= max ? number : null, mayRepeat);

    /// <summary>One or several different whole numbers from 0 to 2^64−1 (seeds).</summary>
    public IReadOnlyList<ulong> Unsigneds(string name) =>
        Several<ulong>(name, $"a whole number from 0 to {ulong.MaxValue}", null,
            value => value.TryGetUInt64(out var number) ? number : null);

    /// <summary>One or several different numbers, each from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public IReadOnlyList<double> Numbers(string name, double min, double max, bool excludeMin = false) =>
        Several<double>(name, FormattableString.Invariant($"a number {(excludeMin ? "above" : "from")} {min} to {max}"), null,
            value => value.TryGetDouble(out var number) && (excludeMin ? number > min : number >= min) && number <= max
                ? number : null);

    IReadOnlyList<T> Several<T>(string name, string each, IReadOnlyList<T>? fallback, Func<JsonElement, T?> read,
        bool mayRepeat = false)
        where T : struct
    {
        var allowed = $"{each}, or a list of {(mayRepeat ? "such" : "different ones")}";
        if (!Take(name, fallback is not null, allowed, out var value))
            return fallback!;
        JsonElement[] all = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        var numbers = new List<T>();
        foreach (var one in all)
            numbers.Add(one.ValueKind == JsonValueKind.Number && read(one) is { } number
                && (mayRepeat || !numbers.Contains(number)) ? number : throw Wrong(name, value, allowed));
        return numbers.Count > 0 ? numbers : throw Wrong(name, value, allowed);
    }

    /// <summary>true or false.</summary>
    public bool Flag(string name, bool? fallback = null)
    {
        if (!Take(name, fallback.HasValue, "true or false", out var value))
            return fallback!.Value;
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            throw Wrong(name, value, "true or false");
        return value.GetBoolean();
    }

    /// <summary>An object inside this one; it is required. <see cref="Finish"/> of this reader finishes it too.</summary>
    public SettingsReader Section(string name)
    {
        Take(name, false, "an object { … }", out var value);
        return Child(Join(name), value);
    }

    /// <summary>A list of objects with at least <paramref name="min"/> and at most <paramref name="max"/> entries; it is
    /// required.</summary>
    public IReadOnlyList<SettingsReader> List(string name, int min, int max)
    {
        var allowed = $"a list [ … ] of {min} to {max} objects";
        Take(name, false, allowed, out var value);
        if (value.ValueKind != JsonValueKind.Array)
            throw Wrong(name, value, allowed);
        var count = value.GetArrayLength();
        if (count < min || count > max)
            throw Error(name, $"found a list of {count}; allowed is {allowed}");
        return [.. value.EnumerateArray().Select((entry, i) => Child($"{Join(name)}[{i}]", entry))];
    }

    /// <summary>Call when everything was read: refuses fields that nobody asked for, here and in all sections and
    /// lists.</summary>
    /// <exception cref="SettingsException">An unknown field; the message names the nearest known one.</exception>
    public void Finish()
    {
        foreach (var name in fields.Keys)
            if (!known.Contains(name))
            {
                var nearest = NameSuggestion.Nearest(name, known);
                throw Error(name, "unknown field" + (nearest is null ? "." : $"; did you mean \"{nearest}\"?")
                    + $" Known here: {string.Join(", ", known.Order(StringComparer.Ordinal))}");
            }
        foreach (var child in children)
            child.Finish();
    }

    /// <summary>An error at one of this object's fields, for rules that the typed methods do not know.</summary>
    /// <param name="name">The field; empty for this object as a whole.</param>
    /// <param name="problem">What was found and what is allowed.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public SettingsException Error(string name, string problem, Exception? inner = null) =>
        new(source, name.Length == 0 ? Path : Join(name), problem, inner);

    SettingsReader Child(string path, JsonElement value)
    {
        var child = new SettingsReader(source, path, value);
        children.Add(child);
        return child;
    }

    bool Take(string name, bool optional, string allowed, out JsonElement value)
    {
        Know(name);
        if (fields.TryGetValue(name, out value))
            return true;
        if (optional)
            return false;
        var misspelt = NameSuggestion.Nearest(name, fields.Keys.Where(f => !known.Contains(f)));
        throw Error(
            name, $"missing; required is {allowed}" + (misspelt is null ? "" : $" (is \"{misspelt}\" a misspelling of it?)"));
    }

    void Know(string name)
    {
        if (!known.Contains(name))
            known.Add(name);
    }

    SettingsException Wrong(string name, JsonElement value, string allowed) =>
        Error(name, $"found {Show(value)}; allowed is {allowed}");

    string Join(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    static string Show(JsonElement value)
    {
        var text = value.GetRawText().ReplaceLineEndings(" ");
        return text.Length <= ShownLength ? text : string.Concat(text.AsSpan(0, ShownLength), "…");
    }
}
