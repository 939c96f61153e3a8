using System.Diagnostics;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Telemetry;

/// <summary>
/// The spans of what took time, made when it is over. The spans of a step have the trace id that follows from the step's digest,
/// so that all peers' are one trace and no byte of it travels.
/// </summary>
/// <param name="source">The source of the spans.</param>
/// <param name="peer">This peer's id.</param>
/// <param name="time">The clock.</param>
sealed class RunSpans(ActivitySource source, string peer, TimeProvider time)
{
    const int TraceIdLength = 32;

    /// <summary>Makes the spans of an event, where somebody listens.</summary>
    public void Record(PeerEvent happened)
    {
        if (!source.HasListeners())
            return;
        var end = time.GetUtcNow();
        switch (happened)
        {
            case Stepped e:
                Record(e, end);
                break;
            case Evaluated e:
                Record("evaluation", e.Digest, e.Seconds, end, e.Step);
                break;
            case Saved { Seconds: { } seconds } e:
                Record("checkpoint", null, seconds, end - e.SinceWritten, e.Step);
                break;
            case Fault { Seconds: { } seconds } e when NameOf(e.What) is { } name:
                Record(name, null, seconds, end, e.Step);
                break;
            default:
                break;
        }
    }

    void Record(Stepped e, DateTimeOffset end)
    {
        var decided = end.AddSeconds(-e.ExchangeSeconds);
        using var step = Start("step", TraceOf(e.Digest), decided.AddSeconds(-e.ComputeSeconds), e.Step);
        if (step is null)
            return;
        step.SetTag(AttributeNames.View, e.View).SetTag(AttributeNames.Voters, e.Voters);
        if (e.Why is { } why)
            step.SetTag(AttributeNames.AbstentionReason, why);
        if (e.ComputeSeconds > 0)
            End(Start("step.compute", step.Context, decided.AddSeconds(-e.ComputeSeconds), e.Step), decided);
        End(Start("step.exchange", step.Context, decided, e.Step), end);
        End(step, end);
    }

    void Record(string name, string? digest, double seconds, DateTimeOffset end, long step) =>
        End(Start(name, digest is null ? default : TraceOf(digest), end.AddSeconds(-seconds), step), end);

    Activity? Start(string name, ActivityContext parent, DateTimeOffset begin, long step) =>
        source.StartActivity(ActivityKind.Internal, parent, startTime: begin, name: name)
            ?.SetTag(AttributeNames.Peer, peer).SetTag(AttributeNames.Step, step);

    static void End(Activity? span, DateTimeOffset end)
    {
        span?.SetEndTime(end.UtcDateTime);
        span?.Stop();
    }

    /// <summary>A trace without a first span: each peer's span of a step is one of several that begin it.</summary>
    static ActivityContext TraceOf(string digest) => digest.Length < TraceIdLength ? default
        : new ActivityContext(ActivityTraceId.CreateFromString(digest.AsSpan(0, TraceIdLength)), default,
            ActivityTraceFlags.Recorded);

    static string? NameOf(string kind) => kind switch
    {
        PeerEvents.ViewChanged or PeerEvents.Reconfigured => "view_change",
        PeerEvents.Recovered => "recovery",
        PeerEvents.Fetched => "state_transfer",
        _ => null,
    };
}
