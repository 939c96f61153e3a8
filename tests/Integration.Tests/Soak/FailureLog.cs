using DecentralizedLion.Integration.Tests.Schedules;

namespace DecentralizedLion.Integration.Tests.Soak;

/// <summary>One line a fault that a ring survived: what, when, the last step that all peers reported, and its digest, which must
/// be equal on all.</summary>
/// <param name="run">The run.</param>
/// <param name="time">The clock.</param>
/// <param name="output">Takes the lines.</param>
sealed class FailureLog(ScheduleRun run, TimeProvider time, TextWriter output)
{
    readonly SortedDictionary<string, int> kinds = new(StringComparer.Ordinal);
    readonly long start = time.GetTimestamp();

    /// <summary>Faults so far.</summary>
    public int Count { get; private set; }

    /// <summary>Notes a fault after which all are back.</summary>
    /// <param name="what">The fault and its victim.</param>
    /// <exception cref="Xunit.Sdk.XunitException">The digests of the step differ.</exception>
    public void Add(string what)
    {
        Count++;
        var kind = string.Join(' ', what.Split(' ').Where(word => !run.Peers.ContainsKey(word)));
        kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
        var common = run.Peers.Values.Min(peer => peer.Process.Last!.Step);
        string[] digests = [.. run.Peers.Values.Select(peer =>
            peer.Process.Steps.Last(step => step.Step.Step == common).Step.Digest).Distinct()];
        Assert.True(digests.Length == 1, $"fault {Count}, {what}: step {common} has {digests.Length} digests");
        output.WriteLine(FormattableString.Invariant($"{Count,5}  {time.GetElapsedTime(start).TotalSeconds,8:F1} s  {what,-14}  ")
            + $"step {common,-8} {digests[0][..12]}  equal on {run.Peers.Count}");
    }

    /// <summary>Writes how many faults of each kind there were.</summary>
    public void Finish()
    {
        if (Count > 0)
            output.WriteLine($"faults      {Count}: {string.Join(", ", kinds.Select(kind => $"{kind.Value} {kind.Key}"))}");
    }
}
