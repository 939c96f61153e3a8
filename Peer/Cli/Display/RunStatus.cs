using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>The state of the run as the peers' events tell it; what table and lines show.</summary>
sealed class RunStatus
{
    /// <summary>The weight of the newest step in moving averages.</summary>
    const double Newest = 0.05;

    const int NotesMax = 6;

    readonly TimeProvider time;
    readonly Dictionary<string, PeerRow> rows = new(StringComparer.Ordinal);
    readonly EventLog notes = new(NotesMax);
    long furthest, lastStepAt;
    double? secondsPerStep;

    public RunStatus(IEnumerable<string> ids, TimeProvider time)
    {
        this.time = time;
        Rows = [.. ids.Select(id => new PeerRow(id))];
        foreach (var row in Rows)
            rows.Add(row.Id, row);
    }

    public IReadOnlyList<PeerRow> Rows { get; }

    /// <summary>Steps of the whole run; 0 until the first peer has started.</summary>
    public long Steps { get; private set; }

    public long Parameters { get; private set; }

    /// <summary>The step that every peer has applied, apart from those that are gone, away or on their way back.</summary>
    public long Step => Rows.Where(r => !r.IsMissing).Select(r => r.Step).DefaultIfEmpty(furthest).Min();

    /// <summary>The peer that is furthest; the first of those that are.</summary>
    public PeerRow FurthestPeer => Rows.MaxBy(r => r.IsMissing ? -1 : r.Step)!;

    /// <summary>True when peers that have applied the same steps have the same digest.</summary>
    public bool IsAgreed =>
        Rows.Where(r => r.Digest.Length > 0).GroupBy(r => r.Step).All(g => g.Select(r => r.Digest).Distinct().Count() == 1);

    public double LearningRate { get; private set; }

    /// <summary>The latest evaluation by any peer; all have the same weights.</summary>
    public Evaluated? Evaluation { get; private set; }

    /// <summary>The latest notes, newest last.</summary>
    public IEnumerable<string> Notes => notes.Lines;

    /// <summary>The latest fault that no other peer had told before.</summary>
    public Fault? LatestFault { get; private set; }

    /// <summary>The time left at the present pace; null before there is one.</summary>
    public TimeSpan? Left =>
        Steps > 0 && secondsPerStep is { } pace ? TimeSpan.FromSeconds(Math.Min(pace * Math.Max(0, Steps - Step), 1e8)) : null;

    /// <summary>Moving average of seconds from step to step, evaluation included.</summary>
    public double? SecondsPerStep => secondsPerStep;

    /// <summary>Takes in what a peer said.</summary>
    public void Apply(string id, PeerEvent happened)
    {
        if (!rows.TryGetValue(id, out var row))
            return;
        switch (happened)
        {
            case Started e:
                (row.State, row.Step, row.Digest, row.Ended) = (PeerState.Training, e.Step, "", false);
                (Steps, Parameters) = (e.Steps, e.Parameters);
                break;
            case Stepped e:
                Advance(row, e);
                break;
            case Evaluated e:
                (row.TestLoss, row.Accuracy, row.AccuracyStep) = (e.Loss, e.Accuracy, e.Step);
                if (Evaluation is null || e.Step > Evaluation.Step)
                    Evaluation = e;
                break;
            case Busy e:
                row.Busy = e.With;
                break;
            case Note e:
                notes.Add($"{id}: {e.Text}");
                break;
            case Fault e:
                Take(row, e);
                break;
            case Ended e:
                (row.State, row.Step, row.Digest, row.Ended) = (e.Reason, e.Step, e.Digest, true);
                break;
            default:
                break;
        }
    }

    /// <summary>A peer's process has ended without a word.</summary>
    public void OnProcessExited(string id) => (rows[id].State, rows[id].Ended) = (PeerState.Gone, false);

    /// <summary>A peer's process has been started again.</summary>
    public void OnProcessRestarted(string id) => (rows[id].State, rows[id].Ended) = (PeerState.Starting, false);

    void Take(PeerRow row, Fault e)
    {
        if (notes.Add(row.Id, e))
            LatestFault = e;
        if (!row.Ended)
            row.State = PeerState.StateOfReporter(e) ?? row.State;
        if (e.Peer is { } id && rows.TryGetValue(id, out var subject) && !subject.Ended)
            subject.State = PeerState.StateOfSubject(e, subject.State) ?? subject.State;
    }

    void Advance(PeerRow row, Stepped e)
    {
        row.Busy = e.Abstained.Contains(row.Id) ? e.Why : null;
        // What was away or late catches up through steps that it had no part in.
        row.State = e.Away.Contains(row.Id) ? PeerState.Away : e.Abstained.Contains(row.Id) ? Absent(row) : PeerState.Training;
        // A peer that has stopped says nothing; that its ballots are missing the others say.
        foreach (var other in Rows.Where(r => r.Step < e.Step
            && (r.State is PeerState.Training or PeerState.Late or PeerState.Suspected || r.State == r.Busy)))
            other.State = e.Away.Contains(other.Id)
                ? PeerState.Away : e.Abstained.Contains(other.Id) ? Absent(other) : other.State;
        row.Step = e.Step;
        row.Loss = Average(row.Loss, e.Loss);
        row.Voters = e.Voters;
        row.Sent(e.BytesSent, e.BitsPerParameter);
        row.ComputeSeconds = Average(row.ComputeSeconds, e.ComputeSeconds)!.Value;
        row.ExchangeSeconds = Average(row.ExchangeSeconds, e.ExchangeSeconds)!.Value;
        row.Digest = e.Digest;
        LearningRate = e.LearningRate;
        if (e.Step <= furthest)
            return;
        // The pace is the furthest peer's: all go at the same one.
        furthest = e.Step;
        var now = time.GetTimestamp();
        if (lastStepAt != 0)
            secondsPerStep = Average(secondsPerStep, time.GetElapsedTime(lastStepAt, now).TotalSeconds);
        lastStepAt = now;
    }

    static string Absent(PeerRow row) => row.Busy ?? PeerState.Late;

    static double? Average(double? old, double? value) =>
        value is null ? old : old is null or 0 ? value : old + Newest * (value - old);
}
