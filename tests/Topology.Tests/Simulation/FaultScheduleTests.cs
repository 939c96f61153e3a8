using DecentralizedLion.Topology.Simulation.Faults;

namespace DecentralizedLion.Topology.Tests.Simulation;

public sealed class FaultScheduleTests
{
    [Fact]
    public void A_seed_always_gives_the_same_schedule_and_another_seed_another()
    {
        Assert.Equal($"{FaultSchedule.Draw(new Random(3), 4)}", $"{FaultSchedule.Draw(new Random(3), 4)}");
        Assert.NotEqual($"{FaultSchedule.Draw(new Random(3), 4)}", $"{FaultSchedule.Draw(new Random(4), 4)}");
    }

    [Fact]
    public void Only_the_families_asked_for_are_drawn_and_each_is_drawn_at_some_time()
    {
        FaultKind[] asked = [FaultKind.Crash, FaultKind.Loss];
        Assert.All(Enumerable.Range(0, 50), seed =>
            Assert.All(FaultSchedule.Draw(new Random(seed), 3, asked).Faults, fault => Assert.Contains(fault.Kind, asked)));
        var drawn = Enumerable.Range(0, 300).SelectMany(seed => FaultSchedule.Draw(new Random(seed), 5).Faults)
            .Select(fault => fault.Kind).ToHashSet();
        Assert.Equal(FaultSchedule.AllKinds.Order(), drawn.Order());
    }

    [Fact]
    public void Whom_a_fault_meets_is_among_the_peers_and_it_ends()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            int peers = 2 + seed % 6;
            FaultSchedule schedule = FaultSchedule.Draw(new Random(seed), peers);
            Assert.NotEmpty(schedule.Faults);
            foreach (Fault fault in schedule.Faults)
            {
                Assert.InRange(fault.End, fault.At, schedule.End);
                if (fault.Kind == FaultKind.LeaveTogether)
                    Assert.InRange(fault.Side.Count(), 2, peers);
                else if (fault.Kind == FaultKind.Partition)
                    Assert.InRange(fault.Side.Count(), 1, peers - 1);
                else
                    Assert.InRange(fault.Peer, -1, peers - 1);
                if (fault.Other >= 0)
                    Assert.True(fault.Other < peers && fault.Other != fault.Peer, $"{fault}");
            }
        }
    }

    [Fact]
    public void A_person_can_read_it()
    {
        Assert.Equal("1.250 s: p2 is killed, back after 0.800 s",
            new Fault(Seconds(1.25), FaultKind.Crash, 2, For: Seconds(0.8)).ToString());
        Assert.Equal("0.000 s: {p0,p2} are cut off from the others for 2.000 s",
            new Fault(default, FaultKind.Partition, 0b101, For: Seconds(2)).ToString());
        Assert.Equal("0.500 s: 25 % of the frames are lost for 1.000 s",
            new Fault(Seconds(0.5), FaultKind.Loss, For: Seconds(1), Amount: 0.25).ToString());
        Assert.Equal("nothing goes wrong", $"{FaultSchedule.None}");
        Assert.All(FaultSchedule.AllKinds,
            kind => Assert.NotEqual($"{kind}", FaultSchedule.DrawOne(new Random(1), kind, 3, default).Text));
    }

    static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
