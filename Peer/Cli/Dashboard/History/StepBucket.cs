using System.Runtime.CompilerServices;
using DecentralizedLion.Peer.Cli.Dashboard.Reading;

namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>Some steps in a row, summed up.</summary>
sealed class StepBucket
{
    static readonly Dictionary<string, AbsenceCount> none = [];

    Ranges ranges;
    Dictionary<string, AbsenceCount>? absences;

    /// <summary>Begins with a step.</summary>
    /// <param name="row">The step.</param>
    /// <param name="offset">Its line's place in the file.</param>
    public StepBucket(StepRow row, long offset)
    {
        (First, Offset) = (row.Step, offset);
        Add(row);
    }

    /// <summary>The first step.</summary>
    public long First { get; }

    /// <summary>The place of the first step's line in the file.</summary>
    public long Offset { get; }

    /// <summary>The last step.</summary>
    public long Last { get; private set; }

    /// <summary>Steps reported.</summary>
    public int Count { get; private set; }

    /// <summary>The view of the last step.</summary>
    public int View { get; private set; }

    /// <summary>The first 64 bits of the digest after the last step.</summary>
    public ulong Digest { get; private set; }

    /// <summary>Steps without a peer's ballot, by peer; peers that always voted are not among them.</summary>
    public IReadOnlyDictionary<string, AbsenceCount> Absences => absences ?? none;

    /// <summary>A number's values.</summary>
    public ValueRange this[StepMetric metric] => ranges[(int)metric];

    /// <summary>A bucket like this one that can be added to.</summary>
    public StepBucket Copy()
    {
        var copy = (StepBucket)MemberwiseClone();
        copy.absences = absences is null ? null : new(absences, StringComparer.Ordinal);
        return copy;
    }

    /// <summary>Takes in a step after the last one.</summary>
    public void Add(StepRow row)
    {
        for (int i = 0; i < StepValues.Count; i++)
            ranges[i] = ranges[i].With(row.Values[i]);
        foreach (var id in row.Abstained)
            CountAbsence(id, new(1, 0));
        foreach (var id in row.Away)
            CountAbsence(id, new(0, 1));
        Count++;
        (Last, View, Digest) = (row.Step, row.View, row.Digest);
    }

    /// <summary>Takes in the steps of the bucket after this one.</summary>
    public void Add(StepBucket next)
    {
        for (int i = 0; i < StepValues.Count; i++)
            ranges[i] = ranges[i].With(next.ranges[i]);
        foreach (var (id, count) in next.Absences)
            CountAbsence(id, count);
        Count += next.Count;
        (Last, View, Digest) = (next.Last, next.View, next.Digest);
    }

    void CountAbsence(string id, AbsenceCount count)
    {
        absences ??= new(StringComparer.Ordinal);
        var old = absences.GetValueOrDefault(id);
        absences[id] = new(old.Abstained + count.Abstained, old.Away + count.Away);
    }

    [InlineArray(StepValues.Count)]
    struct Ranges
    {
        ValueRange first;
    }
}
