using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Display;

/// <summary>
/// The latest lines of a run's log. An event that several peers report in the same words is one line that names them all; when a
/// peer reports it again, a new line replaces the old one.
/// </summary>
sealed class EventLog(int most)
{
    const int TellersNamedMax = 3;

    readonly List<Line> lines = [];

    /// <summary>The lines, newest last.</summary>
    public IEnumerable<string> Lines => lines.Select(line => line.Text);

    public void Add(string text) => Add(new Line(text));

    /// <summary>Takes in what a peer told.</summary>
    /// <returns>Whether it is news; false when another peer told the same.</returns>
    public bool Add(string teller, Fault fault)
    {
        var at = lines.FindIndex(line => line.Fault is { } f && (f.What, f.Peer, f.Text) == (fault.What, fault.Peer, fault.Text));
        if (at >= 0 && !lines[at].Tellers.Contains(teller))
        {
            lines[at].Tellers.Add(teller);
            return false;
        }
        if (at >= 0)
            lines.RemoveAt(at);
        Add(new Line("") { Fault = fault, Tellers = { teller } });
        return true;
    }

    /// <summary>A line for what peers reported about the ring: who, what, and how long it took.</summary>
    public static string LineOf(IReadOnlyList<string> tellers, Fault fault)
    {
        var who = tellers.Count <= TellersNamedMax ? string.Join(", ", tellers)
            : $"{tellers[0]} and {tellers.Count - 1} others";
        return $"{who}: {fault.Text}" + (fault.Seconds is { } seconds ? $" ({Format.Seconds(seconds)})" : "");
    }

    void Add(Line line)
    {
        lines.Add(line);
        if (lines.Count > most)
            lines.RemoveAt(0);
    }

    sealed class Line(string text)
    {
        public Fault? Fault { get; init; }

        public List<string> Tellers { get; } = [];

        public string Text => Fault is null ? text : LineOf(Tellers, Fault);
    }
}
