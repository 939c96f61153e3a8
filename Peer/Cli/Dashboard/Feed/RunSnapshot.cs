using DecentralizedLion.Peer.Cli.Dashboard.History;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Dashboard.Feed;

/// <summary>All that a page shows, at one moment; or only what is new since the one before.</summary>
sealed record RunSnapshot
{
    /// <summary>The moment's number.</summary>
    public required long Version { get; init; }

    /// <summary>True when it holds only what is new.</summary>
    public bool IsUpdate { get; init; }

    /// <summary>The run's name.</summary>
    public required string Title { get; init; }

    /// <summary>A line about the run.</summary>
    public string? Subtitle { get; init; }

    /// <summary>The folder that is shown.</summary>
    public required string Folder { get; init; }

    /// <summary>Steps of the whole run; 0: it has no last step, or that is not known yet.</summary>
    public required long Steps { get; init; }

    /// <summary>Parameters of the model; 0: not known yet.</summary>
    public required long Parameters { get; init; }

    /// <summary>The part of the files that has been read, 0 … 1.</summary>
    public required double Progress { get; init; }

    /// <summary>The newest file's age in seconds.</summary>
    public double? QuietSeconds { get; init; }

    /// <summary>The ring's state now.</summary>
    public required RingState State { get; init; }

    /// <summary>Steps of a bucket of the series.</summary>
    public required long Width { get; init; }

    /// <summary>The peers in the order of the series' columns.</summary>
    public required IReadOnlyList<string> Peers { get; init; }

    /// <summary>The names of the series' columns; absent in an update.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>The names of the columns of each peer; absent in an update.</summary>
    public IReadOnlyList<string>? PeerFields { get; init; }

    /// <summary>The number of rows that stay as they were.</summary>
    public int RowsKept { get; init; }

    /// <summary>The rows after those.</summary>
    public required IReadOnlyList<double?[]> Rows { get; init; }

    /// <summary>Measurements on the test data, by step.</summary>
    public required IReadOnlyList<Evaluated> Evaluations { get; init; }

    /// <summary>The events; in an update those that are new or have changed.</summary>
    public required IReadOnlyList<RunEvent> Events { get; init; }

    /// <summary>The earliest events that are not at hand any more.</summary>
    public long EventsForgotten { get; init; }

    /// <summary>The advice for each kind of event; absent in an update.</summary>
    public IReadOnlyDictionary<string, string>? Advice { get; init; }
}
