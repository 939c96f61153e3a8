namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>The weight of each kind of event, and what to do about it.</summary>
static class EventAdvice
{
    static readonly Dictionary<string, (Severity Severity, string? Text)> advice = new(StringComparer.Ordinal)
    {
        ["greeted"] = (Severity.Info, null),
        ["founded"] = (Severity.Info, null),
        ["regrouped"] = (Severity.Info, null),
        ["exchange-changed"] = (Severity.Info, null),
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
        ["suspected"] = (Severity.Warning, "Nothing yet: if the peer stays silent, the others continue without it. "
            + "If that happens often on a busy host, raise suspectAfter."),
        ["view-changed"] = (Severity.Warning, "Nothing to do: the ring has agreed on its members and continues."),
        ["removed"] = (Severity.Warning, "Start the peer again if its process has ended, or repair its link. It fetches "
            + "the steps that it missed and rejoins by itself."),
        ["waiting"] = (Severity.Warning, "Do what the line says; else check that the peers that it names are running and "
            + "can be reached."),
        ["paused"] = (Severity.Serious, "Do what the line says; else start the missing peers or repair their links: training "
            + "then continues by itself."),
        ["refused"] = (Severity.Warning, "Make peers.json equal on all hosts, or stop the second process of the same peer; the "
            + "line names the difference."),
        ["rejected"] = (Severity.Warning, "Nothing got in. If the address is one of your hosts, check its peers.json and key; "
            + "else close the port to it in the firewall."),
        ["ignored"] = (Severity.Warning, "The ring continues as before. Do what the line says."),
        ["diverged"] = (Severity.Serious, "The peer repairs itself. If this recurs, test its memory and its disk."),
        ["disputed"] = (Severity.Serious, "All peers have stopped. Compare their checkpoints (peer evaluate), keep the folder of "
            + "one peer, delete the others' and start all."),
        ["misbehaved"] = (Severity.Serious, "Its frames are dropped. If the line says that it is excluded, check its program, "
            + "memory and host, then start it again."),
        ["doubtful"] = (Severity.Warning, "Nothing is done about it. Compare the peer's data, device and program with "
            + "the others'."),
        ["cut"] = (Severity.Warning, "Nothing to do: the steps are fetched again. If this recurs after power losses, check the "
            + "disk."),
    };

    /// <summary>The advice for each kind of event that has one.</summary>
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
