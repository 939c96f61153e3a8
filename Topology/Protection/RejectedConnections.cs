using System.Globalization;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Protection;

/// <summary>
/// Counts connections that were closed before any frame, by reason and address, and reports them together, at most once in half a
/// minute, so that nobody who can connect to this peer can fill its disk with reports.
/// </summary>
sealed class RejectedConnections(TimeProvider clock)
{
    const int KindsMax = 5;

    static readonly TimeSpan interval = TimeSpan.FromSeconds(30);

    readonly Dictionary<RejectedConnection, int> counts = [];
    readonly long[] totals = new long[Enum.GetValues<RejectionReason>().Length];
    int others;
    long? reportedAt;

    /// <summary>All connections so far that were rejected for a reason.</summary>
    public long TotalOf(RejectionReason reason) => totals[(int)reason];

    /// <summary>Counts one.</summary>
    public void Add(RejectedConnection rejection)
    {
        totals[(int)rejection.Reason]++;
        if (counts.TryGetValue(rejection, out int count) || counts.Count < KindsMax)
            counts[rejection] = count + 1;
        else
            others++;
    }

    /// <summary>The report that is due, and the end of what it reports; null: none at present.</summary>
    public string? TryTakeReport()
    {
        if (counts.Count == 0 || (reportedAt is { } at && clock.GetElapsedTime(at) < interval))
            return null;
        reportedAt = clock.GetTimestamp();
        int all = counts.Values.Sum() + others;
        string[] kinds = [.. counts.Select(
            entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Value} from {entry.Key.From}: {Describe(entry.Key)}"))];
        string text = string.Create(CultureInfo.InvariantCulture,
            $"{all} connection{(all == 1 ? "" : "s")} to this peer's port rejected ({string.Join("; ", kinds)}")
            + (others > 0 ? string.Create(CultureInfo.InvariantCulture, $"; and {others} more") : "") + "). "
            + (counts.Keys.Any(rejection => rejection.Reason == RejectionReason.UnknownKey)
                ? "If it is a peer, put its key line into peers.json; if not, let the firewall admit only the other hosts"
                : "If it is one of your hosts, check \"insecure\" in its peers.json and its program version; if not, let the "
                    + "firewall admit only the other hosts");
        counts.Clear();
        others = 0;
        return text;
    }

    static string Describe(RejectedConnection rejection) => rejection.Reason switch
    {
        RejectionReason.NoTls => "no TLS",
        RejectionReason.NotEncrypted => "no TLS but ZeroMQ, as of a peer with \"insecure\": true",
        RejectionReason.HandshakeFailed => "the TLS 1.3 handshake failed",
        RejectionReason.UnknownKey => $"the key {rejection.Key} is not in peers.json",
        RejectionReason.OtherVersion => "another version of this program",
        RejectionReason.TimedOut => "the handshake took too long",
        _ => "too many handshakes at once",
    };
}
