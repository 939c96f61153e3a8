using System.Text.Json;
using System.Text.Json.Serialization;
using DecentralizedLion.Peer.Cli.Dashboard.History;

namespace DecentralizedLion.Peer.Cli.Dashboard.Feed;

/// <summary>Makes snapshots of a run's history, whole ones and updates.</summary>
/// <param name="history">The history.</param>
/// <param name="time">The clock.</param>
sealed class SnapshotBuilder(RunHistory history, TimeProvider time)
{
    static readonly JsonSerializerOptions options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    SeriesTable? table;
    long version, revision;
    int retractions;

    /// <summary>The snapshot as JSON.</summary>
    public static byte[] Write<T>(T snapshot) => JsonSerializer.SerializeToUtf8Bytes(snapshot, options);

    /// <summary>Makes the snapshot of this moment.</summary>
    /// <returns>The whole, and what is new since the one before; null where that cannot be told apart.</returns>
    public (RunSnapshot Full, RunSnapshot? Update) Build()
    {
        var roster = history.Roster();
        var next = SeriesTable.Of(history.Peers, roster);
        var kept = table is null || retractions != history.Events.Retractions ? -1 : next.RowsLike(table);
        var full = new RunSnapshot
        {
            Version = ++version,
            Title = history.About.Title,
            Subtitle = history.About.Subtitle,
            Folder = history.About.Folder,
            Steps = history.Peers.Select(peer => peer.Start?.Steps ?? 0).DefaultIfEmpty().Max(),
            Parameters = history.Peers.Select(peer => peer.Start?.Parameters ?? 0).DefaultIfEmpty().Max(),
            Progress = history.Progress,
            QuietSeconds = QuietSeconds(),
            State = history.Latest(),
            Width = next.Width,
            Peers = roster,
            Fields = SeriesTable.Fields,
            PeerFields = SeriesTable.PeerFields,
            Rows = next.Rows,
            // All peers have the same weights: of what several measured after one step, one is enough.
            Evaluations = [.. history.Peers.SelectMany(peer => peer.Evaluations)
                .GroupBy(e => e.Step).Select(same => same.MaxBy(e => e.Samples)!).OrderBy(e => e.Step)],
            Events = [.. history.Events.All],
            EventsForgotten = history.Events.Forgotten,
            Advice = EventAdvice.Texts,
        };
        var update = kept < 0 ? null : full with
        {
            IsUpdate = true,
            Fields = null,
            PeerFields = null,
            Advice = null,
            RowsKept = kept,
            Rows = [.. next.Rows.Skip(kept)],
            Events = [.. full.Events.Where(e => e.Revision > revision)],
        };
        table = next;
        revision = history.Events.All.Select(e => e.Revision).DefaultIfEmpty(revision).Max();
        retractions = history.Events.Retractions;
        return (full, update);
    }

    double? QuietSeconds()
    {
        DateTime[] written = [.. history.Peers.Where(peer => File.Exists(peer.File))
            .Select(peer => File.GetLastWriteTimeUtc(peer.File))];
        return written.Length == 0 ? null : Math.Max(0, Math.Round((time.GetUtcNow().UtcDateTime - written.Max()).TotalSeconds));
    }
}
