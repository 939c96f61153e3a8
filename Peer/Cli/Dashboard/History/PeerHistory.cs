using System.Text;
using DecentralizedLion.Peer.Cli.Dashboard.Reading;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>All that one peer's metrics file says, in bounded memory.</summary>
/// <param name="file">The file.</param>
/// <param name="buffer">Room to read in.</param>
/// <param name="events">The run's event log, which receives what the peer tells.</param>
sealed class PeerHistory(string file, byte[] buffer, RunEvents events)
{
    const int EvaluationsMax = 4096, RecentMax = 64;

    readonly FileTail tail = new(file, buffer);
    readonly List<Evaluated> evaluations = [];
    readonly Dictionary<string, string> claims = new(StringComparer.Ordinal);
    readonly (long Step, ulong Digest)[] recent = new (long, ulong)[RecentMax];
    DateTimeOffset latestTime;
    double secondsSince;

    /// <summary>The file.</summary>
    public string File => tail.Path;

    /// <summary>The peer's id; the folder's name until the file says it.</summary>
    public string Peer { get; private set; } = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file))!);

    /// <summary>The beginning of the latest process; null: none came to train yet.</summary>
    public Started? Start { get; private set; }

    /// <summary>The end of the latest process; null: it runs, or ended without a word.</summary>
    public Ended? End { get; private set; }

    /// <summary>The last step; null: there is none yet.</summary>
    public StepRow? Last { get; private set; }

    /// <summary>Steps applied.</summary>
    public long Step { get; private set; }

    /// <summary>The state that the peer gave of itself after its last step, a word of <see cref="PeerState"/>; null:
    /// nothing.</summary>
    public string? State { get; private set; }

    /// <summary>The work that keeps the peer from voting, as it said itself; null: none.</summary>
    public string? Busy { get; private set; }

    /// <summary>The peer's words for <see cref="State"/>, where it has any.</summary>
    public string? StateText { get; private set; }

    /// <summary>The states that the peer gives of others and that are not over yet: silent, repairing or leaving.</summary>
    public IReadOnlyDictionary<string, string> Claims => claims;

    /// <summary>The steps.</summary>
    public StepBuckets Steps { get; } = new();

    /// <summary>Measurements on the test data.</summary>
    public IReadOnlyList<Evaluated> Evaluations => evaluations;

    /// <summary>The links.</summary>
    public LinkHistory Links { get; } = new();

    /// <summary>Bytes of the file that were not read yet.</summary>
    public long BytesLeft => Math.Max(0, tail.Length - tail.Position);

    /// <summary>Bytes of the file.</summary>
    public long Length => tail.Length;

    /// <summary>Reads some of what is new.</summary>
    /// <param name="bytesMax">About so many bytes at most.</param>
    /// <returns>True when something was read.</returns>
    public bool Read(long bytesMax)
    {
        var before = tail.Position;
        if (tail.TryRead(bytesMax, Take))
            return tail.Position != before;
        Reset();
        return true;
    }

    /// <summary>The first 64 bits of the digest after a step that is not long ago; null: it is, or the file has none.</summary>
    public ulong? RecentDigest(long step) =>
        recent[step % RecentMax] is var (at, digest) && at == step && step > 0 ? digest : null;

    /// <summary>The line of a step; null: the file has none.</summary>
    public StepRow? RowOf(long step)
    {
        if (Last?.Step == step)
            return Last;
        if (Steps.Find(step) is not { } bucket || bucket.Last < step)
            return null;
        StepRow? found = null;
        tail.ReadFrom(bucket.Offset, line =>
        {
            if (!StepLine.IsStep(line) || StepLine.TryRead(line) is not { } row)
                return true;
            found = row.Step == step ? row : found;
            return row.Step < step;
        });
        return found;
    }

    /// <summary>The time of a line without one: that of the latest with one, and what the steps since then took.</summary>
    DateTimeOffset EstimatedTime =>
        latestTime == default ? default : latestTime.AddSeconds(Math.Min(secondsSince, TimeSpan.FromDays(365).TotalSeconds));

    void Take(ReadOnlySpan<byte> line, long offset)
    {
        if (StepLine.IsStep(line))
        {
            if (StepLine.TryRead(line) is { } row)
                Take(row, offset);
        }
        else if (EventLine.TryRead(Encoding.UTF8.GetString(line)) is { } happened)
            Take(happened);
    }

    void Take(StepRow row, long offset)
    {
        Steps.Add(row, offset);
        recent[row.Step % RecentMax] = (row.Step, row.Digest);
        secondsSince += (row[StepMetric.ComputeSeconds] ?? 0) + (row[StepMetric.ExchangeSeconds] ?? 0);
        (Last, Step, State, StateText, End) = (row, row.Step, null, null, null);
        Busy = row.Abstained.Contains(Peer) ? row.Why : null;
        foreach (var id in claims.Keys.Where(id => !row.Abstained.Contains(id) && !row.Away.Contains(id)).ToArray())
            claims.Remove(id);
    }

    void Take(PeerEvent happened)
    {
        switch (happened)
        {
            case Started e:
                (Peer, Start, End, Step, State, StateText, Busy) = (e.Peer, e, null, e.Step, PeerState.Starting, null, null);
                claims.Clear();
                Log("start", $"trains on {e.Device} from step {e.Step} on", e.Step);
                break;
            case Evaluated e:
                if (evaluations.Count < EvaluationsMax)
                    evaluations.Add(e);
                Log("evaluation", $"test accuracy {Format.Percent(e.Accuracy)}, loss {Format.Number(e.Loss)}, "
                    + $"{e.Samples} samples", e.Step, e.Seconds);
                break;
            case Saved e:
                Log("checkpoint", $"wrote {Path.GetFileName(e.File)}", e.Step);
                break;
            case Busy e:
                Busy = e.With;
                break;
            case Links e:
                Links.Add(e);
                break;
            case Note e:
                Log("note", e.Text, Step);
                break;
            case Fault e:
                Take(e);
                break;
            case Ended e:
                (End, Step, State, StateText) = (e, e.Step, null, null);
                Log("end", $"{e.Reason} after step {e.Step}", e.Step);
                break;
            default:
                break;
        }
    }

    void Take(Fault fault)
    {
        (latestTime, secondsSince) = (fault.Time, 0);
        events.Add(Peer, fault);
        if (PeerState.StateOfReporter(fault) is { } state)
            (State, StateText) = state == PeerState.Training ? (null, null) : (state, fault.Text);
        if (fault.Peer is not { } id)
            return;
        if (fault.What is "suspected" or "diverged" or "leaving")
            claims[id] = PeerState.StateOfSubject(fault, PeerState.Training)!;
        else if (fault.What is "removed" or "admitted" or "joined" or "greeted")
            claims.Remove(id);
    }

    void Log(string what, string text, long step, double? seconds = null) =>
        events.Add(Peer, what, text, step, EstimatedTime, seconds);

    /// <summary>Forgets everything: another file is in the place of the one read so far.</summary>
    void Reset()
    {
        events.Forget(Peer);
        Steps.Clear();
        Links.Clear();
        Array.Clear(recent);
        evaluations.Clear();
        claims.Clear();
        (Start, End, Last, Step, State, StateText, Busy) = (null, null, null, 0, null, null, null);
    }
}
