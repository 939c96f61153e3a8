namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>The weight of each kind of event, and what to do about it.</summary>
static class EventAdvice
{
    static readonly Dictionary<string, (Severity Severity, string? Text)> advice = new(StringComparer.Ordinal)
    {
        ["greeted"] = (Severity.Info, null),
        ["founded"] = (Severity.Info, null),
        ["regrouped"] = (Severity.Info, null),
        ["joined"] = (Severity.Info, null),
        ["leaving"] = (Severity.Info, null),
        ["fetched"] = (Severity.Info, null),
        ["start"] = (Severity.Info, null),
        ["end"] = (Severity.Info, null),
        ["evaluation"] = (Severity.Info, null),
        ["checkpoint"] = (Severity.Info, null),
        ["note"] = (Severity.Info, null),
        ["admitted"] = (Severity.Good, null),
        ["resumed"] = (Severity.Good, null),
        ["recovered"] = (Severity.Good, null),
        ["suspected"] = (Severity.Warning, "Nothing yet: if the peer stays silent, the others go on without it. "
            + "If that happens often on a busy host, raise suspectAfter."),
        ["view-changed"] = (Severity.Warning, "Nothing: the ring has agreed on its members and goes on."),
        ["removed"] = (Severity.Warning, "Start the peer again if its process is gone, or mend its link. It fetches the "
            + "steps that it missed and is taken in again."),
        ["waiting"] = (Severity.Warning, "Look whether the peers that are named run and can be reached (peer doctor)."),
        ["paused"] = (Severity.Serious, "Too few peers are reachable to decide steps; nothing is lost. Start the missing peers "
            + "or mend their links, and training goes on by itself."),
        ["refused"] = (Severity.Warning, "Make peers.json equal on all hosts, or stop the second process of the same peer; the "
            + "line names the difference."),
        ["diverged"] = (Severity.Serious, "The peer mends itself from a checkpoint and its journal. Look at its memory and its "
            + "disk: bits that flip once flip again."),
        ["misbehaved"] = (Severity.Serious, "The peer is excluded until it is started again. Look at its program, its memory and "
            + "its host before that."),
        ["doubtful"] = (Severity.Warning, "Nothing is done about it. Compare the peer's data and device with the others'."),
        ["cut"] = (Severity.Warning, "Nothing: steps that no quorum had were done again. After power losses, look at the disk."),
    };

    /// <summary>All kinds that there is something to do about, with what to do.</summary>
    public static IReadOnlyDictionary<string, string> Texts { get; } =
        advice.Where(kind => kind.Value.Text is not null).ToDictionary(kind => kind.Key, kind => kind.Value.Text!);

    /// <summary>True when a kind is known.</summary>
    public static bool Knows(string what) => advice.ContainsKey(what);

    /// <summary>The weight of a kind; one that a newer version writes is a warning.</summary>
    public static Severity SeverityOf(string what) =>
        advice.TryGetValue(what, out var known) ? known.Severity : Severity.Warning;

    /// <summary>The advice for a kind; null: there is nothing to do.</summary>
    public static string? Of(string what) => Texts.GetValueOrDefault(what);
}
