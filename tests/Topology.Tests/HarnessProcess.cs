using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Node;
using DecentralizedLion.Topology.Simulation;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests;

/// <summary>One process of a host of the rig: the real member, and a trainer that does what it says, turn by turn.</summary>
sealed class HarnessProcess
{
    readonly RingHarness ring;
    readonly DiskHandle disk;
    readonly ProcessClock clock;
    bool isDead;

    public HarnessProcess(RingHarness ring, HarnessPeer peer, int number, Bootstrap bootstrap)
    {
        (this.ring, Peer) = (ring, peer);
        Random random = Scenario.RandomOf(ring.Seed, 100 + peer.Index, number);
        clock = new ProcessClock(ring.Loop.Clock);
        disk = peer.Disk.Open(() => peer.Kill());
        Replica = SimulatedReplica.Initial(ring.Parameters, ring.InitialOf(peer.Index));
        Options = ring.Change(peer.Index, new RingOptions
        {
            PeerIds = [.. ring.Peers.Select(other => $"p{other.Index}")],
            SelfIndex = peer.Index,
            Fingerprint = new Fingerprint([new("run", "test"), new("parameters", $"{ring.Parameters}")]),
            Session = (ulong)random.NextInt64(1, long.MaxValue),
            ParameterCount = ring.Parameters,
            Exchange = ring.Exchange,
            BucketsOf = Buckets.Vote(ring.Parameters, ring.Ties),
            SegmentWords = ring.SegmentWords,
            RatesOf = RingHarness.Rates,
            LastStep = ring.LastStep,
            Bootstrap = bootstrap,
            Timings = ring.Timings,
        });
        Transport = ring.Network.Open(peer.Index);
        Member = new Member(Options, Transport,
            new PeerStores(ring.Journal(peer.Index, disk.Journal), disk.Snapshots, disk), clock, random);
        Member.EventRaised += happened =>
        {
            if (!isDead)
                ring.Events.Add(new RecordedEvent(ring.Now, peer.Index, happened));
        };
    }

    public HarnessPeer Peer { get; }

    public RingOptions Options { get; }

    public ITransport Transport { get; }

    public Member Member { get; }

    public SimulatedReplica Replica { get; }

    /// <summary>The states that its trainer was told to load, and why.</summary>
    public List<LoadTurn> Reloads { get; } = [];

    /// <summary>What its trainer waited for, where the options have a profile.</summary>
    public Waits Waits { get; } = new();

    /// <summary>Steps that it cast a ballot for.</summary>
    public List<long> Casts { get; } = [];

    public async void Run()
    {
        try
        {
            if (disk.Disk.Shared.Count == 0)
                Save();
            else
                Load(long.MaxValue);
            Member.Start();
            while (!isDead)
            {
                TimeSpan asked = ring.Now;
                Options.Profile?.Open();
                TrainerTurn turn = await Member.NextAsync(Replica.Step, Replica.SliceDigest(Replica.Step + 1));
                if (isDead)
                    return;
                if (Options.Profile is { } profile)
                    Waits.Add(profile, ring.Now - asked);
                if (turn is EndTurn end)
                {
                    Peer.OnEnded(end, null);
                    return;
                }
                await TakeAsync(turn);
            }
        }
        catch (RingException) when (isDead)
        {
            // It was killed.
        }
        catch (ProcessDiedException)
        {
            // So was it.
        }
        catch (RingException e)
        {
            Peer.OnEnded(null, e.Message);
        }
    }

    /// <summary>It takes part in nothing, as after SIGSTOP.</summary>
    public void Freeze()
    {
        clock.Freeze();
        ring.Network.Freeze(Peer.Index);
    }

    /// <summary>All that it missed comes at once.</summary>
    public void Thaw()
    {
        foreach (Action missed in clock.Thaw().Concat(ring.Network.Thaw(Peer.Index)))
            ring.Loop.Clock.After(TimeSpan.Zero, missed);
    }

    public void Die()
    {
        isDead = true;
        clock.Stop();
        disk.Close();
        ring.Loop.Clock.After(TimeSpan.Zero, Member.Abort); // not while it is in the middle of something
    }

    async Task TakeAsync(TrainerTurn turn)
    {
        switch (turn)
        {
            case ComputeTurn compute:
                await ComputeAsync(compute.Step);
                break;
            case ApplyTurn apply:
                Assert.Equal(Replica.Step + 1, apply.Record.Step);
                Apply(apply.Record);
                if (apply.Computes)
                    await ComputeAsync(apply.Record.Step + 1);
                break;
            case SaveTurn:
                Save();
                break;
            case LoadTurn reload:
                Reloads.Add(reload);
                Load(reload.StepMax);
                break;
        }
    }

    async Task ComputeAsync(long step)
    {
        Assert.Equal(Replica.Step + 1, step);
        TimeSpan took = ring.Compute(Peer.Index, step);
        await Task.Delay(took, clock);
        if (isDead)
            return;
        Casts.Add(step);
        Member.SubmitBallot(step, ring.BallotOf(Peer.Index, step), RingHarness.LossOf(Peer.Index, step), took,
            Replica.SliceDigest(step));
    }

    void Apply(StepRecord record)
    {
        Replica.Apply(record);
        Peer.Applied.Add((record.Step, ring.Now));
        ring.OnApplied(this, record);
        if (record.Step % ring.CheckpointEvery == 0)
            Save();
    }

    void Save() => disk.Disk.WriteCheckpoint(Replica.Step, Replica.Save(), new byte[32]);

    void Load(long atMost)
    {
        SnapshotInfo? newest = disk.Snapshots.Newest(SnapshotKind.Shared, atMost);
        Assert.NotNull(newest);
        Replica.Load(disk.Disk.Shared[newest.Value.Step]);
        Peer.IsDamaged = false;
    }
}
