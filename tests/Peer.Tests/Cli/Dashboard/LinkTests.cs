using DecentralizedLion.Peer.Cli.Dashboard.History;
using DecentralizedLion.Peer.Metrics;
using static DecentralizedLion.Peer.Tests.Cli.Dashboard.MetricsWriter;

namespace DecentralizedLion.Peer.Tests.Cli.Dashboard;

public sealed class LinkTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly LinkHistory links = new();

    public void Dispose() => folder.Dispose();

    static Links Line(long step, double seconds, params LinkMetrics[] peers) => new(step, seconds, peers);

    static LinkMetrics To(string peer, double? trip, long sent, long received, bool heard = true) =>
        new(peer, trip, sent, received, heard);

    [Fact]
    public void A_step_has_the_line_whose_time_it_lies_in()
    {
        Assert.Null(links.At(1));
        links.Add(Line(10, 5));
        links.Add(Line(20, 6));
        Assert.Equal([5, 5, 6, 6, 6], new long[] { 1, 10, 11, 20, 99 }.Select(step => links.At(step)!.Seconds));
    }

    [Fact]
    public void What_another_process_does_again_replaces_what_the_first_told()
    {
        links.Add(Line(10, 5, To("b", 0.1, 1, 1)));
        links.Add(Line(20, 5, To("b", 0.2, 2, 2)));
        links.Add(Line(15, 5, To("b", 0.3, 4, 4)));
        Assert.Equal((0.1, 0.3), (links.At(10)!.Peers[0].RoundTripSeconds, links.At(20)!.Peers[0].RoundTripSeconds));
        links.Add(Line(15, 1, To("b", null, 8, 8)));
        Assert.Equal(Line(15, 6).Seconds, links.At(15)!.Seconds);
        Assert.Equal(To("b", 0.3, 12, 12), links.At(15)!.Peers[0]);
    }

    [Fact]
    public void However_long_the_run_no_byte_is_lost_and_memory_is_bounded()
    {
        const int lines = 5000;
        for (var step = 1; step <= lines; step++)
            links.Add(Line(step, 1, To("b", 0.1, 3, 4)));
        var kept = Enumerable.Range(1, lines).Select(step => links.At(step)!).Distinct().ToArray();
        Assert.InRange(kept.Length, LinkHistory.CountMax / 2, LinkHistory.CountMax);
        Assert.Equal((lines, 3L * lines, 4L * lines), (kept.Sum(line => line.Seconds),
            kept.Sum(line => line.Peers[0].BytesSent), kept.Sum(line => line.Peers[0].BytesReceived)));
    }

    [Fact]
    public void A_link_is_what_both_ends_told_and_the_slowest_comes_first()
    {
        Tell("a", Start("a"), Step(1), Line(1, 2, To("b", 0.01, 100, 50), To("c", 0.03, 20, 10)));
        Tell("b", Start("b"), Step(1), Line(1, 4, To("a", 0.02, 400, 800), To("c", null, 4, 4, heard: false)));
        var state = Latest();
        Assert.Equal(["b c", "a c", "a b"], state.Links.Select(link => $"{link.A} {link.B}"));
        Assert.Equal([false, true, true], state.Links.Select(link => link.IsHeard));
        var (far, near) = (state.Links[1], state.Links[2]);
        Assert.Equal((0.02, 50, 100), (near.RoundTrip, near.Forward, near.Backward));
        Assert.Equal((0.03, 10, 5), (far.RoundTrip, far.Forward, far.Backward)); // c's file is not there
    }

    [Fact]
    public void A_file_of_an_older_version_has_none()
    {
        Tell("a", Start("a"), Step(1));
        Assert.Empty(Latest().Links);
    }

    void Tell(string peer, params IEnumerable<PeerEvent> events) =>
        Append(folder.File($"run/{peer}/{MetricsFolder.FileName}"), events);

    RingState Latest()
    {
        var history = new RunHistory(new RunDescription("run", null, [], folder.File("run")));
        history.Discover();
        while (history.Read())
            continue;
        return history.Latest();
    }
}
