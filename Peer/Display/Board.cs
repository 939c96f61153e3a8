using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Display;

/// <summary>The state of the run as the peers' events tell it; what table and lines show.</summary>
public sealed class Board
{
    /// <summary>The weight of the newest step in moving averages.</summary>
    const double Newest = 0.05;

    readonly TimeProvider time;
    readonly Dictionary<string, PeerRow> rows = new(StringComparer.Ordinal);
    long lastStepAt;
    double? secondsPerStep;

    public Board(IEnumerable<string> ids, TimeProvider time)
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

    /// <summary>The step that every peer has applied.</summary>
    public long Step => Rows.Min(r => r.Step);

    public double LearningRate { get; private set; }

    /// <summary>The latest evaluation by any peer; all have the same weights.</summary>
    public Evaluated? Evaluation { get; private set; }

    /// <summary>The latest notes, newest last.</summary>
    public Queue<string> Notes { get; } = new();

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
                (row.State, row.Step) = ("training", e.Step);
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
            case Noted e:
                Note($"{id}: {e.Text}");
                break;
            case Ended e:
                (row.State, row.Step, row.Digest, row.Ended) = (e.Reason, e.Step, e.Digest, true);
                break;
            default:
                break;
        }
    }

    public void Note(string text)
    {
        Notes.Enqueue(text);
        while (Notes.Count > 4)
            Notes.Dequeue();
    }

    void Advance(PeerRow row, Stepped e)
    {
        row.Step = e.Step;
        row.Loss = Average(row.Loss, e.Loss);
        row.Voters = e.Voters;
        row.BytesSent = e.BytesSent;
        row.BitsPerParameter = e.BitsPerParameter;
        row.ComputeSeconds = Average(row.ComputeSeconds, e.ComputeSeconds)!.Value;
        row.ExchangeSeconds = Average(row.ExchangeSeconds, e.ExchangeSeconds)!.Value;
        row.Digest = e.Digest;
        LearningRate = e.LearningRate;
        if (row != Rows[0])
            return;
        // The pace is the first peer's: all go at the same one.
        var now = time.GetTimestamp();
        if (lastStepAt != 0)
            secondsPerStep = Average(secondsPerStep, time.GetElapsedTime(lastStepAt, now).TotalSeconds);
        lastStepAt = now;
    }

    static double? Average(double? old, double? value) =>
        value is null ? old : old is null or 0 ? value : old + Newest * (value - old);
}
