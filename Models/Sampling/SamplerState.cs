using System.Globalization;

namespace DecentralizedLion.Models.Sampling;

/// <summary>
/// The position of a run in its data right before a step: part of what is equal on all replicas. A value: two states with the
/// same contents are equal. <see cref="Sampler"/> says what it means.
/// </summary>
/// <param name="Cursors">One that all share, the first position of the run that no step has taken yet; or one for each peer of
/// the roster, 2 to 256, how many samples of its own it has used. At least 0.</param>
/// <param name="Tail">What steps have taken and no voter has used: ascending, never touching, all before the cursor that all
/// share. Empty where each peer has its own.</param>
/// <param name="Members">The roster indices, ascending, among whom the next step is shared out; at least one.</param>
sealed record SamplerState(IReadOnlyList<long> Cursors, IReadOnlyList<SampleRange> Tail, IReadOnlyList<int> Members)
{
    /// <summary>The largest roster index.</summary>
    internal const int MemberMax = 255;

    /// <summary>A billion steps of 256 peers that take a million samples each come to a quarter of it; adding a step to it is no
    /// overflow.</summary>
    const long CursorMax = 1L << 60;

    const string Ranges = "ranges first-last that ascend and do not touch, all before the cursor";
    const int BatchMax = 1_000_000;
    const string BatchesRule = "nothing, or for each member a whole number from 0 to 1000000, with commas between them";
    const string Indices = "one roster index or more, 0 to 255, ascending, with commas between them";

    /// <summary>A state with one cursor that all share.</summary>
    public SamplerState(long cursor, IReadOnlyList<SampleRange> tail, IReadOnlyList<int> members)
        : this([cursor], tail, members)
    {
    }

    /// <summary>The cursor that all share, or each peer's own by its roster index.</summary>
    public IReadOnlyList<long> Cursors { get; } = [.. Cursors];

    /// <summary>The samples that steps have taken and no voter has used: ascending, never touching, all before the cursor that
    /// all share.</summary>
    public IReadOnlyList<SampleRange> Tail { get; } = [.. Tail];

    /// <summary>The roster indices, ascending, among whom the next step is shared out; at least one.</summary>
    public IReadOnlyList<int> Members { get; } = [.. Members];

    /// <summary>The members' mini-batches in the next step, as the record before says; empty where it says none.</summary>
    public IReadOnlyList<int> Batches { get; init => field = [.. value]; } = [];

    /// <summary>Reads what <see cref="Describe"/> wrote.</summary>
    /// <param name="field">The text of a field, by its name.</param>
    /// <param name="batches">The text of the field <c>batches</c>; empty where there is none.</param>
    /// <exception cref="FormatException">A field is not what it must be; the message names it and what it has.</exception>
    public static SamplerState Read(Func<string, string> field, string batches = "")
    {
        var state = new SamplerState(ReadCursors(field("cursor")), ReadTail(field("tail")), ReadMembers(field("members")))
        {
            Batches = ReadBatches(batches),
        };
        return state.Fault() is { } fault ? throw new FormatException(fault) : state;
    }

    /// <summary>
    /// The state as texts for a checkpoint: <c>cursor</c> "60", or "60,40,60" where each peer has its own; <c>tail</c>
    /// "12-19,31-39", the first and the last position of each range, or empty; <c>members</c> "0,1,2"; and <c>batches</c>
    /// "16,48,32" where there are any.
    /// </summary>
    public IEnumerable<KeyValuePair<string, string>> Describe() =>
    [
        new("cursor", string.Join(',', Cursors)),
        new("tail", string.Join(',', Tail)),
        new("members", string.Join(',', Members)),
        .. Batches.Count == 0 ? [] : (IEnumerable<KeyValuePair<string, string>>)[new("batches", string.Join(',', Batches))],
    ];

    public bool Equals(SamplerState? other) =>
        other is not null && Cursors.SequenceEqual(other.Cursors) && Tail.SequenceEqual(other.Tail)
        && Members.SequenceEqual(other.Members) && Batches.SequenceEqual(other.Batches);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var cursor in Cursors)
            hash.Add(cursor);
        foreach (var range in Tail)
            hash.Add(range);
        foreach (var member in Members)
            hash.Add(member);
        foreach (var batch in Batches)
            hash.Add(batch);
        return hash.ToHashCode();
    }

    public override string ToString() => string.Join(" ", Describe().Select(field => $"{field.Key}={field.Value}"));

    /// <summary>The rule of the three parts that is broken, in words; null when none is.</summary>
    internal string? Fault()
    {
        if (Cursors.Count is < 1 or > MemberMax + 1)
            return $"cursor has {Cursors.Count} numbers; expected 1 to {MemberMax + 1}";
        foreach (var cursor in Cursors)
            if (cursor is < 0 or > CursorMax)
                return $"cursor is {cursor}; expected 0 to {CursorMax}";
        var own = Cursors.Count > 1;
        if (own && Tail.Count > 0)
            return $"tail has {Tail[0]}; expected is none where each peer has a cursor of its own";
        long end = -1;
        foreach (var range in Tail)
        {
            if (range.Start <= end || range.Length < 1 || range.Length > Cursors[0] - range.Start)
                return $"tail has {range}; expected are {Ranges}, which is {Cursors[0]}";
            end = range.End;
        }
        var last = -1;
        foreach (var member in Members)
        {
            if (member <= last || member > MemberMax)
                return $"members is \"{string.Join(',', Members)}\"; expected is {Indices}";
            last = member;
        }
        if (own && last >= Cursors.Count)
            return $"members has {last}; expected is less than {Cursors.Count}, for so many peers have a cursor";
        if (last < 0)
            return $"members is empty; expected is {Indices}";
        return Batches.Count != 0 && (Batches.Count != Members.Count || Batches.Any(batch => batch is < 0 or > BatchMax))
            ? $"batches is \"{string.Join(',', Batches)}\"; expected is {BatchesRule}" : null;
    }

    static List<long> ReadCursors(string text)
    {
        var cursors = new List<long>(1);
        foreach (var part in text.Split(','))
            cursors.Add(TryRead(part, out var cursor) ? cursor : throw new FormatException(
                $"cursor is \"{text}\"; expected a whole number from 0 to {CursorMax}, or one for each peer with commas "
                    + "between them"));
        return cursors;
    }

    static List<SampleRange> ReadTail(string text)
    {
        var tail = new List<SampleRange>();
        if (text.Length == 0)
            return tail;
        foreach (var part in text.Split(','))
        {
            var dash = part.IndexOf('-', StringComparison.Ordinal);
            if (dash < 0 || !TryRead(part[..dash], out var first) || !TryRead(part[(dash + 1)..], out var last) || last < first)
                throw new FormatException($"tail has \"{part}\"; expected are {Ranges}");
            tail.Add(new SampleRange(first, last - first + 1));
        }
        return tail;
    }

    static List<int> ReadMembers(string text)
    {
        var members = new List<int>();
        foreach (var part in text.Split(','))
            members.Add(TryRead(part, out var member) && member <= int.MaxValue
                ? (int)member : throw new FormatException($"members is \"{text}\"; expected is {Indices}"));
        return members;
    }

    static List<int> ReadBatches(string text)
    {
        var batches = new List<int>();
        foreach (var part in text.Length == 0 ? [] : text.Split(','))
            batches.Add(TryRead(part, out var batch) && batch <= BatchMax
                ? (int)batch : throw new FormatException($"batches is \"{text}\"; expected is {BatchesRule}"));
        return batches;
    }

    static bool TryRead(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
