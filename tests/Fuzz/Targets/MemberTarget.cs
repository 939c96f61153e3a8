using System.Buffers.Binary;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Fuzz.Frames;
using DecentralizedLion.Fuzz.Inputs;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Fuzz.Targets;

/// <summary>A whole member, whose links bring what no peer would send. It drops and counts, or stops with a reason; it never
/// throws.</summary>
sealed class MemberTarget : Target
{
    const int FramesBetween = 4;

    static readonly DropReason[] reasons = Enum.GetValues<DropReason>();
    static readonly TimeSpan between = TimeSpan.FromMilliseconds(60);

    readonly MemberScene scene;
    readonly List<byte[]> opening;
    readonly long[] dropped = new long[reasons.Length];
    IsolatedMember? member;
    FuzzRandom? luck;
    int frames;

    public MemberTarget(MemberScene scene)
    {
        this.scene = scene;
        opening = MemberFrames.Opening(scene);
        Seeds = MemberFrames.All(scene);
    }

    public override string Name => scene switch
    {
        MemberScene.InTheRing => "member",
        MemberScene.BeforeBootstrap => "newcomer",
        _ => "behind",
    };

    public override IReadOnlyList<byte[]> Seeds { get; }

    public override int Episode => 64;

    // What it does by itself meanwhile is in it: heartbeats, proposals, asks.
    public override long MostAllocated(int length) => (2 << 20) + 256L * length;

    public override void Begin(FuzzRandom random)
    {
        luck = random;
        Restart();
    }

    public override byte[] Repair(byte[] input, FuzzRandom random) =>
        FrameInput.Repair(input, IsolatedMember.Peers, Seeds, random, (from, header, payload) =>
    {
        // An answer must be to the last ask, and what is held be what the member holds, or nothing comes of them.
        if (header.Kind == FrameKind.FetchResponse && payload.Length >= sizeof(int) && !random.OneIn(16))
            BinaryPrimitives.WriteInt32LittleEndian(payload, member!.Transport.LastAsk?.Id ?? 0);
        if (header.Kind == FrameKind.StepAck && payload.Length == StepAck.Length && random.OneIn(2))
            member!.Transport.LastAck.CopyTo(payload, 0);
        if (!random.OneIn(8))
            header = header with { Run = IsolatedMember.Options.Fingerprint.Run };
        if (header.Kind != FrameKind.Hello && !random.OneIn(8))
            header = header with { Session = IsolatedMember.Session + (ulong)from };
        return (header, payload);
    });

    public override string Run(ReadOnlyMemory<byte> input)
    {
        if (member!.Stopped is not null)
            Restart();
        for (int reason = 0; reason < reasons.Length; reason++)
            dropped[reason] = member.Transport.Counters.Dropped(reasons[reason]);
        var (from, envelope, payload) = FrameInput.Split(input, IsolatedMember.Peers);
        member.Take(from, envelope, payload);
        if (++frames % FramesBetween == 0)
            member.Wait(between);
        Must(member.Stopped?.Contains("error in itself", StringComparison.Ordinal) != true,
            $"the member stopped: {member.Stopped}");
        for (int reason = 0; reason < reasons.Length; reason++)
        {
            if (member.Transport.Counters.Dropped(reasons[reason]) != dropped[reason])
                return reasons[reason].ToString();
        }
        return Accepted;
    }

    public override void Dispose() => member?.Dispose();

    void Restart()
    {
        member?.Dispose();
        frames = 0;
        member = new IsolatedMember(scene, luck!.OneIn(2), _ => luck.Below(4) > 0);
        foreach (byte[] frame in opening)
        {
            var (from, envelope, payload) = FrameInput.Split(frame, IsolatedMember.Peers);
            member.Take(from, envelope, payload);
        }
        if (scene == MemberScene.InTheRing)
            Must(member.Member.IsActive, "the member does not take part");
    }
}
