using System.Text.Json;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Metrics;

/// <summary>The mapping of the ring's events to those of its peer: roster indices become ids.</summary>
static class PeerEvents
{
    /// <summary>Something that happened to the ring.</summary>
    /// <param name="happened">What the ring said.</param>
    /// <param name="names">The peers' ids, by roster index.</param>
    /// <param name="step">Steps applied here.</param>
    /// <param name="time">The clock.</param>
    public static Fault Of(RingEvent happened, IReadOnlyList<string> names, long step, TimeProvider time) => new(
        NameOf(happened.Kind), happened.Peer >= 0 && happened.Peer < names.Count ? names[happened.Peer] : null, happened.Text,
        happened.Took?.TotalSeconds, step, time.GetUtcNow());

    /// <summary>A step that was applied.</summary>
    /// <param name="record">What was decided.</param>
    /// <param name="names">The peers' ids, by roster index.</param>
    /// <param name="bitsPerParameter">Payload bits sent for it, divided by parameters.</param>
    /// <param name="bytesSent">All bytes sent for it.</param>
    /// <param name="compute">Forward, backward and ballot.</param>
    /// <param name="exchange">From the ballot to the applied step.</param>
    /// <param name="agreement">See <see cref="Stepped.Agreement"/>.</param>
    /// <param name="why">See <see cref="Stepped.Why"/>.</param>
    public static Stepped Of(StepRecord record, IReadOnlyList<string> names, double bitsPerParameter, long bytesSent,
        TimeSpan compute, TimeSpan exchange, double? agreement, string? why = null) => new(
        record.Step, EventLine.Finite(record.MeanLoss), record.LearningRate, bitsPerParameter, bytesSent, compute.TotalSeconds,
        exchange.TotalSeconds, record.Voters.Count, agreement, record.Digest.ToString(), record.View,
        Ids(names, peer => record.Members.Contains(peer) && !record.Voters.Contains(peer)),
        Ids(names, peer => !record.Members.Contains(peer)), why);

    /// <summary>The name that <see cref="Fault.What"/> has for a kind; what a kind was called when the format began.</summary>
    public static string NameOf(RingEventKind kind) => kind switch
    {
        RingEventKind.Connected => "greeted",
        RingEventKind.Bootstrapped => "founded",
        RingEventKind.Reconfigured => "regrouped",
        RingEventKind.Rejoined => "admitted",
        RingEventKind.Suspicious => "doubtful",
        RingEventKind.JournalTruncated => "cut",
        _ => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString()),
    };

    static string[] Ids(IReadOnlyList<string> names, Predicate<int> chosen) =>
        [.. Enumerable.Range(0, names.Count).Where(peer => chosen(peer)).Select(peer => names[peer])];
}
