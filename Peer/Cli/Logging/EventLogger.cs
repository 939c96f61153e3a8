using DecentralizedLion.Peer.Cli.Dashboard.History;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Metrics;
using Microsoft.Extensions.Logging;

namespace DecentralizedLion.Peer.Cli.Logging;

/// <summary>A peer's events as log records, with fields; of steps one every few seconds.</summary>
/// <param name="peer">This peer's id.</param>
/// <param name="logger">The log.</param>
/// <param name="time">The clock.</param>
sealed class EventLogger(string peer, ILogger logger, TimeProvider time)
{
    const string Kind = "kind", Self = "peer", Step = "step", View = "view", Other = "otherPeer", Seconds = "seconds";

    static readonly TimeSpan betweenSteps = TimeSpan.FromSeconds(5);

    long steps, step, stepLoggedAt = time.GetTimestamp();
    int? view;

    /// <summary>Logs an event.</summary>
    public void Record(PeerEvent happened)
    {
        switch (happened)
        {
            case Started e:
                (steps, step) = (e.Steps, e.Step);
                Log(LogLevel.Information, "start", $"{e.Peers} peers, {e.Parameters} parameters, step {e.Step} of {e.Steps}",
                    ("steps", e.Steps), ("parameters", e.Parameters), ("device", e.Device), ("fingerprint", e.Fingerprint));
                break;
            case Stepped e:
                Record(e);
                break;
            case Evaluated e:
                step = e.Step;
                Log(LogLevel.Information, "evaluation", $"test accuracy {Format.Percent(e.Accuracy)}, test loss "
                    + $"{Format.Number(e.Loss)}, {e.Samples} samples",
                    ("loss", e.Loss), ("accuracy", e.Accuracy), ("samples", e.Samples), (Seconds, e.Seconds));
                break;
            case Saved e:
                LogAt(e.Step, LogLevel.Information, "checkpoint", $"wrote {e.File}", ("file", e.File), (Seconds, e.Seconds));
                break;
            case Note e:
                Log(e.Text.StartsWith("WARNING", StringComparison.Ordinal) ? LogLevel.Warning : LogLevel.Information, "note",
                    e.Text);
                break;
            case Fault e:
                step = e.Step;
                Log(LevelOf(e.What), e.What, e.Text, (Other, e.Peer), (Seconds, e.Seconds));
                break;
            case Ended e:
                step = e.Step;
                Log(e.Reason == Ended.Failed ? LogLevel.Error : LogLevel.Information, "end", $"{e.Reason} at step {e.Step}",
                    ("reason", e.Reason), ("digest", e.Digest), (Seconds, e.Seconds), ("retries", e.Retries));
                break;
            default:
                break; // Busy, Theory and Links are for metrics.jsonl
        }
    }

    /// <summary>Logs the reason why the run cannot go on.</summary>
    public void RecordFailure(Exception reason) => Log(LogLevel.Critical, "failed", reason.Message);

    /// <summary>Logs a line that is no event, such as an address that is served.</summary>
    public void RecordLine(string line) => Log(LogLevel.Information, "line", line);

    void Record(Stepped e)
    {
        (step, view) = (e.Step, e.View);
        if (time.GetElapsedTime(stepLoggedAt) < betweenSteps)
            return;
        stepLoggedAt = time.GetTimestamp();
        Log(LogLevel.Information, "step", $"step {e.Step}/{steps}  loss {Format.Number(e.Loss)}  voters {e.Voters}",
            ("loss", e.Loss), ("learningRate", e.LearningRate), ("voters", e.Voters), ("agreement", e.Agreement),
            ("computeSeconds", e.ComputeSeconds), ("exchangeSeconds", e.ExchangeSeconds), ("bytesSent", e.BytesSent));
    }

    void Log(LogLevel level, string kind, string message, params IEnumerable<(string, object?)> fields) =>
        LogAt(step, level, kind, message, fields);

    void LogAt(long at, LogLevel level, string kind, string message, params IEnumerable<(string, object?)> fields) =>
        logger.Log(level, new EventId(0, kind),
            new EventFields(message, [(Kind, kind), (Self, peer), (Step, at), (View, view), .. fields]), null,
            static (state, _) => state.ToString());

    static LogLevel LevelOf(string what) => EventAdvice.SeverityOf(what) switch
    {
        Severity.Warning => LogLevel.Warning,
        Severity.Serious => LogLevel.Error,
        _ => LogLevel.Information,
    };
}
