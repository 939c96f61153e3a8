using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Tests.Node;

/// <summary>What the profile of a ring says that its training threads wait for. On the rig's clock work takes no time, but for
/// that of a disk that is slow.</summary>
public sealed class ProfileTests
{
    const int Peers = 3, Slow = 1;

    static readonly TimeSpan write = TimeSpan.FromMilliseconds(50);

    readonly BusyClock?[] clocks = new BusyClock?[Peers];
    int slowDisk = -1;

    /// <summary>Makes a ring of three whose members vote whatever it takes, and runs some steps.</summary>
    RingHarness Run(ExchangeKind exchange, Func<int, double> milliseconds)
    {
        RingHarness? ring = null;
        ring = new RingHarness(Peers)
        {
            Exchange = exchange,
            Timings = RingTimings.Default with { UseStragglerDeadline = false },
            Compute = (peer, _) => TimeSpan.FromMilliseconds(milliseconds(peer)),
            Journal = (peer, journal) => peer == slowDisk ? new SlowJournal(journal, () => clocks[peer]!.Busy += write) : journal,
            Change = (peer, options) =>
                options with { Profile = new RingProfile(clocks[peer] ??= new BusyClock(ring!.Loop.Clock)) },
        };
        ring.StartAllAndRun();
        foreach (HarnessProcess process in ring.Live)
            process.Waits.Clear(); // before the first step there was no ring to wait for
        ring.UntilApplied(30);
        return ring;
    }

    static double Share(HarnessProcess process, StepPart part) =>
        (double)process.Waits.Parts[(int)part] / process.Waits.Parts.Sum();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_is_waited_for_has_a_name(bool isDirect)
    {
        RingHarness ring = Run(isDirect ? ExchangeKind.Direct : ExchangeKind.Ring, peer => 10 + 5 * peer);
        foreach (HarnessProcess process in ring.Live)
        {
            Assert.True(process.Waits.All > 0);
            Assert.Equal(process.Waits.All, process.Waits.Parts.Sum());
            Assert.Equal(process.Waits.All,
                process.Waits.Parts[(int)StepPart.Wait] + process.Waits.Parts[(int)StepPart.Acknowledge]);
            Assert.Equal(process.Waits.Parts[(int)StepPart.Wait], process.Waits.Hops.Sum());
        }
    }

    [Fact]
    public void A_slow_neighbour_is_the_wait_for_the_hop_that_it_delays()
    {
        RingHarness ring = Run(ExchangeKind.Ring, peer => peer == Slow ? 500 : 5);
        int[] order = [.. ring.Peers[0].Member.View!.Members];
        int place = Array.IndexOf(order, Slow);
        Waits slow = ring.Peers[Slow].Process!.Waits, next = ring.Peers[order[(place + 1) % Peers]].Process!.Waits,
            last = ring.Peers[order[(place + 2) % Peers]].Process!.Waits;
        // Its successor lacks its own chunk, and the one after that the sum that the successor cannot make without it.
        Assert.True(next.Hops[1] > 0.9 * next.All);
        Assert.True(last.Hops[2] > 0.9 * last.All);
        Assert.True(slow.All < 0.1 * next.All);
    }

    [Fact]
    public void A_slow_disk_is_the_journal_s_part()
    {
        slowDisk = Slow;
        RingHarness ring = Run(ExchangeKind.Ring, _ => 5);
        Assert.All(ring.Live, process =>
            Assert.Equal(process.Peer.Index == Slow, process.Waits.Parts[(int)StepPart.Journal] > 0));
        HarnessProcess slow = ring.Peers[Slow].Process!;
        Assert.Equal(0, slow.Waits.Parts[(int)StepPart.Journal] % write.Ticks);
        Assert.True(Share(slow, StepPart.Journal) > 0.5);
    }

    [Fact]
    public void What_happens_while_nobody_waits_does_not_count()
    {
        var clock = new VirtualClock();
        var profile = new RingProfile(clock);
        var (parts, hops) = (new long[Enum.GetValues<StepPart>().Length], new long[RingProfile.Hops]);
        Pass(1);
        profile.OnDone(StepPart.Add);
        profile.OnSegment(3);
        profile.Open();
        Pass(2);
        profile.OnInterrupted();
        Pass(4);
        profile.OnDone(StepPart.Send);
        Pass(8);
        profile.OnSegment(2);
        Pass(16);
        profile.Close();
        profile.OnSegment(1);
        profile.MoveTo(parts, hops);
        profile.MoveTo(parts, hops); // nothing more
        Assert.Equal([(StepPart.Send, 4L), (StepPart.Wait, 10L)],
            Enum.GetValues<StepPart>().Select(part => (part, parts[(int)part])).Where(part => part.Item2 > 0));
        Assert.Equal([(2, 10L)], hops.Select((ticks, hop) => (hop, ticks)).Where(hop => hop.ticks > 0));

        void Pass(long ticks)
        {
            clock.After(TimeSpan.FromTicks(ticks), () => { });
            clock.RunNext();
        }
    }

    /// <summary>The rig's clock, and the time that work took, which the rig's does not know.</summary>
    sealed class BusyClock(TimeProvider inner) : TimeProvider
    {
        public TimeSpan Busy { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => inner.GetTimestamp() + Busy.Ticks;
    }

    /// <summary>A journal whose writes take time.</summary>
    sealed class SlowJournal(IJournal inner, Action written) : IJournal
    {
        public long BaseStep => inner.BaseStep;

        public long LastStep => inner.LastStep;

        public Digest DigestAfter(long step) => inner.DigestAfter(step);

        public void Append(StepRecord record)
        {
            inner.Append(record);
            written();
        }

        public StepRecord? Read(long step) => inner.Read(step);

        public void TruncateAfter(long step) => inner.TruncateAfter(step);

        public void ResetTo(long step, Digest chain) => inner.ResetTo(step, chain);
    }
}
