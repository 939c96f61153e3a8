using System.Text;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Fuzz.Targets;

/// <summary>The lines of a metrics file, or of a child's output, with all that is shown of them.</summary>
sealed class MetricsTarget : Target
{
    static readonly DateTimeOffset time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    static readonly PeerEvent[] events =
    [
        new Started("a", 0, 1000, 3, 12345, "cpu", "f00d"),
        new Stepped(1, 2.5, 0.001, 1.67, 4096, 0.01, 0.02, 3, 0.5, new string('a', 64), 1, ["b"], ["c"], "late"),
        new Fault("suspected", "b", "b has sent nothing for 2.0 s", null, 1, time),
        new Fault("removed", "b", "b was removed from the view", null, 1, time),
        new Fault("paused", null, "paused: 1 of 3 peers reachable, 2 needed", null, 1, time),
        new Fault("recovered", null, "training continues at step 2", 0.5, 1, time),
        new Fault("resumed", null, "2 of 3 peers reachable again", 1.5, 1, time.AddSeconds(2)),
        new Fault("fetched", "b", "the snapshot of step 1 has arrived", 1.5, 1, time),
        new Fault("fetched", "b", "all steps up to 7 are here", 0.5, 1, time),
        new Fault("view-changed", null, "view 2: members are now a → c; training continues at step 2", 0.3, 1, time),
        new Evaluated(1, 2.4, 0.3, 1000, 1.5, new string('a', 64)),
        new Note("a ballot was not cast"),
        new Saved(1, "step-00000001.safetensors"),
        new Busy(1, "evaluating"),
        new Ended(1, Ended.Finished, new string('a', 64), 12.5, 3),
    ];

    public override string Name => "metrics";

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [Encoding.UTF8.GetBytes(string.Join('\n', events.Select(EventLine.Write))),
            .. events.Select(happened => Encoding.UTF8.GetBytes(EventLine.Write(happened)))];

    public override bool IsText => true;

    public override long MostAllocated(int length) => (512 << 10) + 512L * length;

    public override string Run(ReadOnlyMemory<byte> input)
    {
        using var reader = new StreamReader(new MemoryStream(input.ToArray()));
        var report = new FaultReport();
        var status = new RunStatus(["a", "b", "c"], TimeProvider.System);
        using var display = new PlainDisplay(TextWriter.Null, TimeProvider.System, TimeSpan.Zero);
        int read = 0;
        while (reader.ReadLine() is { } line)
        {
            if (EventLine.TryRead(line) is not { } happened)
                continue;
            read++;
            Must(Written(happened) is not { } text || (EventLine.TryRead(text) is { } again && Written(again) == text),
                "written and read again it is another");
            report.Add("a", happened);
            status.Apply("a", happened);
            display.Updated(status, "a", happened);
        }
        report.Write(TextWriter.Null);
        RunSummary.Write(TextWriter.Null, status, left: false);
        return read > 0 ? Accepted : "no event";
    }

    /// <summary>The event as a line; null when it has an infinite number, as 1e999 is read: we never write one.</summary>
    static string? Written(PeerEvent happened)
    {
        try
        {
            return EventLine.Write(happened);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
