using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Tests.Metrics;

public class PeerEventsTests
{
    static readonly string[] names = ["a", "b", "c", "d"];

    [Fact]
    public void An_event_of_the_ring_has_ids_a_step_and_a_time()
    {
        var time = new ManualTime();
        time.Advance(2);
        Assert.Equal(
            new Fault("view-changed", null, "view 3", 0.25, 17, time.GetUtcNow()),
            PeerEvents.Of(new RingEvent(RingEventKind.ViewChanged, -1, "view 3", TimeSpan.FromSeconds(0.25)), names, 17, time));
        Assert.Equal(
            new Fault("removed", "c", "c is out", null, 18, time.GetUtcNow()),
            PeerEvents.Of(new RingEvent(RingEventKind.Removed, 2, "c is out"), names, 18, time));
    }

    [Fact]
    public void A_step_tells_who_was_late_and_who_was_away()
    {
        var record = new StepRecord(9, 5, 1, PeerSet.Of(0, 1, 3), PeerSet.Of(0, 3),
            [BitConverter.SingleToUInt32Bits(1), BitConverter.SingleToUInt32Bits(2)], BitConverter.SingleToUInt32Bits(0.5f), 0,
            [new Aggregate([0], null)], Digest.Of([1]));
        var step = PeerEvents.Of(record, names, 2.5, 1000, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), 0.75);
        Assert.Equal(("b", "c"), (step.Abstained.Single(), step.Away.Single()));
        Assert.Equal(new Stepped(9, 1.5, 0.5, 2.5, 1000, 1, 2, 2, 0.75, record.Digest.ToString(), 5, step.Abstained, step.Away),
            step);
        Assert.Null(PeerEvents.Of(record with { Voters = default, LossBits = [] }, names, 0, 0, default, default, null).Loss);
    }
}
