using System.Text.Json;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Tests.Metrics;

public sealed class MetricsFileTests : IDisposable
{
    static readonly Stepped step = new(3, 1.5, 0.001, 2.01, 12345, 0.02, 0.003, 4, 0.75, "c0ffee");
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<PeerEvent> Events => new(
        new Started("a", 0, 10, 4, 1000, "cpu", "f00d"), step, new Evaluated(3, null, 0.5, 100, 0.1, "c0ffee"),
        new Saved(3, "runs/x"), step with { Abstained = ["a"], Why = "late" },
            new Busy(3, "evaluating"), new Saved(3, "runs/x") { Seconds = 0.5 },
            new Links(3, 5.5, [new LinkMetrics("b", null, 5, 6, true), new LinkMetrics("c", 0.25, 0, 0, false)]),
            new Profiled(3, 0.5, new Dictionary<string, double> { ["wait"] = 0.25, ["apply"] = 0.25 }, [0, 0.25]),
            new Note("waits for b \"é\""),
            new Ended(10, Ended.Finished, "c0ffee", 12.5),
        new Ended(10, Ended.Left, "c0ffee", 12.5, 7), new Fault("paused", null, "2 of 5", null, 9, DateTimeOffset.UnixEpoch),
        new Fault("resumed", "b", "goes on", 0.25, 9, DateTimeOffset.UnixEpoch.AddSeconds(1.5)));

    [Theory]
    [MemberData(nameof(Events))]
    public void Events_survive_a_line(PeerEvent happened)
    {
        var line = EventLine.Write(happened);
        Assert.DoesNotContain('\n', line);
        Assert.Equal(happened.GetType(), EventLine.TryRead(line)?.GetType());
        Assert.Equal(line, EventLine.Write(EventLine.TryRead(line)!));
    }

    [Theory]
    [MemberData(nameof(Events))]
    public void The_file_has_the_same_line_also_after_others(PeerEvent happened)
    {
        var path = folder.File("metrics.jsonl");
        using (var file = new MetricsFile(path))
        {
            file.Write(new Note(new string('x', 3000)));
            file.Write(happened);
            file.Write(happened);
        }
        Assert.Equal([EventLine.Write(happened), EventLine.Write(happened)], File.ReadAllLines(path)[1..]);
    }

    [Fact]
    public void The_fields_have_the_documented_names()
    {
        using var json = JsonDocument.Parse(EventLine.Write(step));
        Assert.Equal(
            ["kind", "step", "loss", "learningRate", "bitsPerParameter", "bytesSent", "computeSeconds", "exchangeSeconds",
                "voters", "agreement", "digest", "view", "abstained", "away", "flips", "zeros", "ties"],
            json.RootElement.EnumerateObject().Select(f => f.Name));
        Assert.Equal("step", json.RootElement.GetProperty("kind").GetString());
    }

    [Fact]
    public void A_step_survives_with_who_was_late_and_who_was_away_and_older_lines_have_neither()
    {
        var written = EventLine.Write(
            step with { View = 4, Abstained = ["b"], Away = ["c", "d"], Flips = 0.25, Zeros = 0, Ties = 0.5 });
        Assert.EndsWith("\"view\":4,\"abstained\":[\"b\"],\"away\":[\"c\",\"d\"],\"flips\":0.25,\"zeros\":0,\"ties\":0.5}",
            written);
        Assert.Contains(",\"why\":\"evaluating\",", EventLine.Write(step with { Why = "evaluating" }));
        var read = Assert.IsType<Stepped>(EventLine.TryRead(written));
        Assert.Equal((4, "b", "c d"), (read.View, string.Join(' ', read.Abstained), string.Join(' ', read.Away)));
        var old = Assert.IsType<Stepped>(EventLine.TryRead("""{"kind":"step","step":3,"loss":1.5,"digest":"c0ffee"}"""));
        Assert.Equal((0, 0, 0), (old.View, old.Abstained.Count, old.Away.Count));
    }

    [Fact]
    public void A_fault_has_the_documented_names()
    {
        using var json = JsonDocument.Parse(
            EventLine.Write(new Fault("view-changed", "b", "t", 0.5, 9, DateTimeOffset.UnixEpoch)));
        Assert.Equal(["kind", "what", "peer", "text", "seconds", "step", "time"],
            json.RootElement.EnumerateObject().Select(f => f.Name));
        Assert.Equal("ring", json.RootElement.GetProperty("kind").GetString());
        Assert.StartsWith("1970-01-01T00:00:00", json.RootElement.GetProperty("time").GetString());
    }

    [Fact]
    public void Links_have_the_documented_names() => Assert.Equal(
        """{"kind":"links","step":3,"seconds":5.5,"peers":[{"peer":"b","roundTripSeconds":0.25,"bytesSent":5,"bytesReceived":6,"""
            + "\"heard\":true}]}",
        EventLine.Write(new Links(3, 5.5, [new LinkMetrics("b", 0.25, 5, 6, true)])));

    [Fact]
    public void A_profile_has_the_documented_names() => Assert.Equal(
        """{"kind":"profile","step":3,"seconds":0.5,"parts":{"wait":0.25,"apply":0.25},"hops":[0,0.25]}""",
        EventLine.Write(new Profiled(3, 0.5, new Dictionary<string, double> { ["wait"] = 0.25, ["apply"] = 0.25 }, [0, 0.25])));

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"kind":"other"}""")]
    [InlineData("""{"kind":"step","step":"x"}""")]
    [InlineData("""{"kind":"ring","what":"fetched","seconds":1,"step":1,"time":"2026-01-02T03:04:05Z"}""")]
    [InlineData("""{"kind":"ring","what":"fetched","text":null,"seconds":1,"step":1,"time":"2026-01-02T03:04:05Z"}""")]
    [InlineData("""{"kind":"end","step":1,"reason":"left","seconds":1}""")]
    [InlineData("""{"kind":"note"}""")]
    [InlineData("""{"kind":"links","step":1,"seconds":1}""")]
    [InlineData("""{"kind":"links","step":1,"seconds":1,"peers":[null]}""")]
    [InlineData("""{"kind":"links","step":1,"seconds":1,"peers":[{"bytesSent":1}]}""")]
    public void Other_lines_are_no_events(string line) => Assert.Null(EventLine.TryRead(line));

    [Fact]
    public void An_id_that_is_none_is_left_out() =>
        Assert.Equal(["b"],
            Assert.IsType<Stepped>(
                EventLine.TryRead("""{"kind":"step","step":3,"digest":"c0","abstained":[null,"b"]}""")).Abstained);

    [Fact]
    public void Numbers_that_JSON_lacks_become_null() =>
        Assert.Equal(
            (null, null, 1.5), (EventLine.Finite(double.NaN), EventLine.Finite(double.PositiveInfinity), EventLine.Finite(1.5)));

    [Fact]
    public void Every_line_is_on_disk_at_once_and_a_resumed_file_is_appended_to()
    {
        var path = folder.File("out/metrics.jsonl");
        using (var file = new MetricsFile(path))
        {
            file.Write(step);
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            Assert.Equal(EventLine.Write(step) + "\n", reader.ReadToEnd());
        }
        File.AppendAllText(path, new string('x', 10_000)); // A line that a crash cut.
        using (var file = new MetricsFile(path))
            file.Write(step with { Step = 4 });
        Assert.Equal([EventLine.Write(step), EventLine.Write(step with { Step = 4 })], File.ReadAllLines(path));
        File.WriteAllText(path, "torn");
        new MetricsFile(path).Dispose();
        Assert.Empty(File.ReadAllText(path));
    }
}
