using System.Text.Json;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Metrics;

/// <summary>The mapping of the ring's events to those of its peer: roster indices become ids.</summary>
static class PeerEvents
{
    /// <summary>The name of the event of a view that was decided after a fault.</summary>
    public const string ViewChanged = "view-changed";

    /// <summary>The name of the event of a view that only who came or left changed.</summary>
    public const string Reconfigured = "regrouped";

    /// <summary>The name of the event of a run that began.</summary>
    public const string Bootstrapped = "founded";

    /// <summary>The name of the event of steps that go on after a fault.</summary>
    public const string Recovered = "recovered";

    /// <summary>The name of the event of records or a snapshot that are being fetched, or were.</summary>
    public const string Fetched = "fetched";

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
        Ids(names, record.Members.Except(record.Voters)), Ids(names, PeerSet.First(names.Count).Except(record.Members)), why);

    /// <summary>The name that <see cref="Fault.What"/> has for a kind; what a kind was called when the format began.</summary>
    public static string NameOf(RingEventKind kind) => kind switch
    {
        RingEventKind.Connected => "greeted",
        RingEventKind.Bootstrapped => Bootstrapped,
        RingEventKind.Reconfigured => Reconfigured,
        RingEventKind.Rejoined => "admitted",
        RingEventKind.Suspicious => "doubtful",
        RingEventKind.JournalTruncated => "cut",
        _ => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString()),
    };

    static string[] Ids(IReadOnlyList<string> names, PeerSet peers)
    {
        if (peers.IsEmpty)
            return []; // almost every step's
        var ids = new string[peers.Count];
        var next = 0;
        foreach (var peer in peers)
            ids[next++] = names[peer];
        return ids;
    }
}
