using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Tests.Training;

[Collection(SeededCollection.Name)]
public sealed class StepProfilerTests : IDisposable
{
    readonly TemporaryFolder root = new();
    readonly ManualTime time = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public void The_parts_are_what_was_done_and_the_rest_is_overhead()
    {
        var ring = new RingProfile(time);
        var profiler = new StepProfiler(ring, time);
        After(9, StepPart.Apply);
        Assert.Null(profiler.End(4)); // before the first gradient was wanted
        profiler.Begin();
        After(16, StepPart.Gradient);
        After(2, StepPart.Ballot);
        time.Advance(1);
        profiler.Skip();
        ring.Open();
        time.Advance(4);
        ring.OnSegment(2);
        time.Advance(0.5);
        ring.OnDone(StepPart.Add);
        time.Advance(0.25); // until the training thread has heard of it
        ring.Close();
        profiler.OnAnswered();
        After(8, StepPart.Apply);
        profiler.Begin(); // the first step has begun long ago
        var step = profiler.End(5)!;
        Assert.Equal((5, 31.75), (step.Step, step.Seconds));
        Assert.Equal([("gradient", 16), ("ballot", 2), ("wait", 4), ("add", 0.5), ("apply", 8), ("overhead", 1.25)],
            step.Parts.Where(part => part.Value > 0).Select(part => (part.Key, part.Value)));
        Assert.Equal([0, 4], step.Hops);
        After(3, StepPart.Gradient);
        var next = profiler.End(6)!;
        Assert.Equal((3, 3), (next.Seconds, next.Parts["gradient"]));

        void After(double seconds, StepPart part)
        {
            time.Advance(seconds);
            profiler.OnDone(part);
        }
    }

    [Fact]
    public void Every_step_of_a_run_has_a_profile_and_each_part_is_where_it_belongs()
    {
        using var host = new Host(root.File("a"));
        var looks = new CountingTime();
        Assert.True(host.Train(time: looks, profiler: new StepProfiler(new RingProfile(looks), looks)));
        var profiles = host.Events.OfType<Profiled>().ToArray();
        Assert.Equal(Host.Range(1, Host.Steps), profiles.Select(profile => profile.Step));
        Assert.All(profiles, profile =>
        {
            Assert.Equal(Enum.GetNames<StepPart>().Select(name => name.ToLowerInvariant()), profile.Parts.Keys);
            Assert.Equal(profile.Seconds, profile.Parts.Values.Sum());
            Assert.All(profile.Parts.Values, seconds => Assert.True(seconds >= 0));
            Assert.All((string[])["gradient", "ballot", "digest", "apply", "handlers"],
                part => Assert.True(profile.Parts[part] > 0, part));
            // Begun after its step, and waited for in the next one.
            Assert.Equal(profile.Step is 5 or 6 or 10 or 11, profile.Parts["checkpoint"] > 0);
        });
        // Each follows the line of its step.
        var lines = host.Events.Where(happened => happened is Stepped or Profiled).ToArray();
        Assert.All(lines.Chunk(2), pair => Assert.Equal(((Stepped)pair[0]).Step, ((Profiled)pair[1]).Step));
    }

    /// <summary>Each look at the clock takes a second.</summary>
    sealed class CountingTime : TimeProvider
    {
        long now;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Interlocked.Increment(ref now);
    }
}
