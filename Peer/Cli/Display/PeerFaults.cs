using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>The faults that one peer reported of itself, over all its processes.</summary>
sealed class PeerFaults
{
    DateTimeOffset? pausedAt;

    /// <summary>Processes that came to train.</summary>
    public int Starts { get; private set; }

    /// <summary>The number of times that it asked again for frames, in processes that ended in order.</summary>
    public long Retries { get; private set; }

    /// <summary>In how many steps its ballot was missing, by its own reason.</summary>
    public SortedDictionary<string, int> Absences { get; } = new(StringComparer.Ordinal);

    /// <summary>The number of times that it had no quorum.</summary>
    public int Pauses { get; private set; }

    /// <summary>For how long, in seconds.</summary>
    public double PausedSeconds { get; private set; }

    /// <summary>Records that it fetched from others, in so many goes.</summary>
    public int RecordFetches { get; private set; }

    /// <summary>Snapshots that it fetched from others.</summary>
    public int SnapshotFetches { get; private set; }

    public void Add(PeerEvent happened)
    {
        switch (happened)
        {
            case Started:
                (Starts, pausedAt) = (Starts + 1, null);
                break;
            case Stepped { Why: { } why }:
                Absences[why] = Absences.GetValueOrDefault(why) + 1;
                break;
            case Ended e:
                Retries += e.Retries ?? 0;
                break;
            case Fault { What: "paused" } e:
                Pauses += pausedAt is null ? 1 : 0; // it may be told again while it lasts
                pausedAt ??= e.Time;
                break;
            case Fault { What: "resumed" or "recovered" } e:
                PausedSeconds += pausedAt is { } since ? (e.Time - since).TotalSeconds : 0;
                pausedAt = null;
                break;
            case Fault { What: "fetched", Seconds: not null } e: // without a length it has only begun
                if (e.Text.Contains("snapshot", StringComparison.Ordinal))
                    SnapshotFetches++;
                else
                    RecordFetches++;
                break;
            default:
                break;
        }
    }
}
