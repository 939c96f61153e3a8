using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Fuzz.Targets;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Node;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Fuzz.Frames;

/// <summary>A whole member in memory, on a virtual clock, with a trainer that does what it is told. All frames it gets are made
/// up.</summary>
sealed class IsolatedMember : IDisposable
{
    /// <summary>Peers in the roster; it is the first.</summary>
    public const int Peers = 3;

    /// <summary>Its session; the others' follow.</summary>
    public const ulong Session = 100;

    /// <summary>The disk id of its disk; the others' follow.</summary>
    public const ulong DiskId = 200;

    readonly VirtualLoop loop = new();
    readonly SimulatedDisk disk = new(Records.Parameters, 50);
    readonly Func<int, bool> casts;
    Task<TrainerTurn> turn;
    long applied;

    /// <summary>Starts it.</summary>
    /// <param name="scene">Where it is to stand.</param>
    /// <param name="isCut">Whether, where it is behind, its journal begins only shortly before its end.</param>
    /// <param name="casts">Whether it casts a ballot when asked, by how often it was.</param>
    public IsolatedMember(MemberScene scene, bool isCut, Func<int, bool> casts)
    {
        this.casts = casts;
        bool isBehind = scene == MemberScene.Behind;
        View before = isBehind ? RingView(Session - 1) : View.BeforeBootstrap(Peers);
        disk.ViewState = new AcceptorState(DiskId, before, 0, 0, null).Encode();
        disk.WriteCheckpoint(0, SimulatedReplica.Initial(Records.Parameters, 1).Save(), [1, 2, 3]);
        DiskHandle handle = disk.Open(() => { });
        if (isBehind)
        {
            var replica = SimulatedReplica.Initial(Records.Parameters, 1);
            foreach (StepRecord record in Records.Chain(5))
            {
                handle.Journal.Append(record);
                replica.Apply(record);
                if (!isCut || record.Step != 3)
                    continue;
                disk.WriteCheckpoint(3, replica.Save(), [1, 2, 3]);
                handle.Journal.ResetTo(3, record.Digest);
            }
        }
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(loop);
        var stores = new PeerStores(handle.Journal, handle.Snapshots, handle);
        Member = new Member(Options, Transport, stores, loop.Clock, new Random(1));
        Member.Start();
        applied = isBehind ? 5 : 0;
        turn = Member.NextAsync(applied, WeightsAt(applied));
        SynchronizationContext.SetSynchronizationContext(outer);
    }

    public Member Member { get; }

    public CapturingTransport Transport { get; } = new();

    /// <summary>Why it stopped; null: it goes on.</summary>
    public string? Stopped { get; private set; }

    public static RingOptions Options { get; } = new()
    {
        PeerIds = ["a", "b", "c"],
        SelfIndex = 0,
        Fingerprint = new Fingerprint([new("run", "fuzz"), new("steps", "1000")]),
        Session = Session,
        ParameterCount = Records.Parameters,
        SegmentWords = 1,
        RatesOf = _ => new StepRates(0.01f, 0.1f),
    };

    /// <summary>The cut of the vote.</summary>
    public static StepLayout Layout { get; } = new(Options.BucketsOf(1), Peers, 1);

    /// <summary>The view of all three.</summary>
    public static View RingView(ulong session, int number = 1, long firstStep = 1) =>
        new(number, [0, 1, 2], [session, Session + 1, Session + 2], firstStep, [DiskId, DiskId + 1, DiskId + 2]) { RunId = 7 };

    /// <summary>Gives it a frame, and lets its trainer act.</summary>
    public void Take(int from, ReadOnlyMemory<byte> envelope, ReadOnlyMemory<byte> payload)
    {
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(loop);
        try
        {
            Transport.Handler!(from, envelope, payload);
            Train();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    /// <summary>Lets time pass.</summary>
    public void Wait(TimeSpan time)
    {
        TimeSpan end = loop.Clock.Elapsed + time;
        loop.Clock.After(time, () => { });
        loop.RunUntil(() => loop.Clock.Elapsed >= end, end);
    }

    public void Dispose()
    {
        Member.Abort();
        Wait(TimeSpan.FromMilliseconds(1));
    }

    void Train()
    {
        for (int turns = 0; turn.IsCompleted && Stopped is null && turns < 100; turns++)
        {
            if (turn.IsFaulted)
            {
                Stopped = turn.Exception.InnerException!.ToString();
                return;
            }
            switch (turn.Result)
            {
                case ComputeTurn compute:
                    Member.SubmitBallot(compute.Step,
                        casts((int)compute.Step) ? StepFrames.BallotOf(0, Options.BucketsOf(1), Records.Parameters) : null, 1,
                        TimeSpan.FromMilliseconds(5));
                    break;
                case ApplyTurn apply:
                    applied = apply.Record.Step;
                    break;
                case LoadTurn reload:
                    applied = disk.Shared.Keys.Where(step => step <= reload.StepMax).DefaultIfEmpty(0).Max();
                    break;
                case EndTurn:
                    Stopped = "ended";
                    return;
                default:
                    break;
            }
            turn = Member.NextAsync(applied, WeightsAt(applied));
        }
    }

    static Digest WeightsAt(long step) => Digest.Of(BitConverter.GetBytes(step));
}
