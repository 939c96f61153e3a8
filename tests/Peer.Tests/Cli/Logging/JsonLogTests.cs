using System.Text.Json;
using DecentralizedLion.Peer.Cli.Logging;
using DecentralizedLion.Peer.Metrics;
using Microsoft.Extensions.Logging;
using static DecentralizedLion.Peer.Tests.Cli.Dashboard.MetricsWriter;

namespace DecentralizedLion.Peer.Tests.Cli.Logging;

public sealed class JsonLogTests : IDisposable
{
    readonly StringWriter output = new();
    readonly ManualTime time = new();
    readonly ILoggerFactory factory;
    readonly EventLogger log;

    public JsonLogTests()
    {
        factory = LoggerFactory.Create(builder => builder.AddProvider(new JsonLines(output)));
        log = new EventLogger("a", factory.CreateLogger("peer"), time);
    }

    public void Dispose() => factory.Dispose();

    JsonElement[] Lines => [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => JsonDocument.Parse(line).RootElement)];

    string State(int line) => Lines[line].GetProperty("State").ToString();

    [Fact]
    public void An_event_is_one_object_with_its_fields()
    {
        log.Record(Start("a", 4));
        log.Record(Step(5, view: 7));
        log.Record(Ring("suspected", "b", "b is\ngone: \"é\"", 6, 0, 0.5));
        var line = Lines[1];
        Assert.Equal(2, Lines.Length);
        Assert.Equal(("Warning", "peer", "b is\ngone: \"é\""), (line.GetProperty("LogLevel").GetString(),
            line.GetProperty("Category").GetString(), line.GetProperty("Message").GetString()));
        Assert.Equal("""{"kind":"suspected","peer":"a","step":6,"view":7,"otherPeer":"b","seconds":0.5}""", State(1));
        Assert.True(line.GetProperty("Timestamp").GetDateTimeOffset() > DateTimeOffset.UnixEpoch);
        Assert.StartsWith("""{"kind":"start","peer":"a","step":4,"steps":100,""", State(0));
    }

    [Fact]
    public void Of_steps_there_is_one_every_five_seconds()
    {
        log.Record(Step(1));
        time.Advance(5);
        log.Record(Step(2));
        log.Record(Step(3));
        Assert.StartsWith("""{"kind":"step","peer":"a","step":2,"view":1,"loss":1.5,"learningRate":""",
            Assert.Single(Lines).GetProperty("State").ToString());
    }

    [Fact]
    public void The_level_says_whether_somebody_has_to_do_something()
    {
        log.Record(new Note("hello"));
        log.Record(new Note("WARNING: links are not encrypted"));
        log.Record(Ring("recovered", null, "steps go on", 1, 0));
        log.Record(Ring("paused", null, "1 of 3", 1, 0));
        log.Record(new Ended(1, Ended.Failed, "c0", 1));
        log.RecordFailure(new IOException("no disk"));
        Assert.Equal(["Information", "Warning", "Information", "Error", "Error", "Critical"],
            Lines.Select(line => line.GetProperty("LogLevel").GetString()));
    }

    [Fact]
    public void What_is_no_event_is_a_line_each()
    {
        using var writer = new LineWriter(log.RecordLine);
        writer.WriteLine("dashboard: http://127.0.0.1:8470/");
        writer.Write("two\r\n\nthree");
        writer.WriteLine();
        Assert.Equal(["dashboard: http://127.0.0.1:8470/", "two", "three"],
            Lines.Select(line => line.GetProperty("Message").GetString()));
        Assert.Equal("""{"kind":"line","peer":"a","step":0}""", State(0));
    }
}
