using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Fuzz.Frames;
using DecentralizedLion.Fuzz.Inputs;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Simulation;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Fuzz.Targets;

/// <summary>A step's exchange, whose envelopes and planes are lies: counts that cannot be, other voters, other places.</summary>
sealed class ExchangeTarget : Target
{
    const int Peers = 4, Parameters = 64 * 40 - 7, Run1 = 1;

    static readonly View view = new(1, [0, 1, 2, 3], [100, 101, 102, 103], 1);

    readonly bool isRing;
    readonly StepKind shape;
    readonly StepLayout layout;
    readonly List<SegmentId> missing = [];
    StepExchange? exchange;

    public ExchangeTarget(bool isRing, StepKind shape = StepKind.Vote)
    {
        (this.isRing, this.shape) = (isRing, shape);
        layout = new StepLayout(StepKinds.BucketsOf(shape, Parameters)(1), Peers,
            segmentWords: shape == StepKind.Sparse ? 64 : 6);
        Seeds = StepFrames.Of(view, layout, isRing, Run1);
    }

    public override string Name => NameOf(isRing, shape);

    public override IReadOnlyList<byte[]> Seeds { get; }

    public override int Episode => 48;

    public override void Begin(FuzzRandom random)
    {
        exchange?.Release();
        exchange = StepFrames.Make(view, 0, layout, isRing, new StepFrames.Sender(0, Run1, view, Check));
        if (random.Below(4) > 0)
            exchange.Start(random.OneIn(4) ? null : StepFrames.BallotOf(random.Below(3), layout.Buckets, Parameters), 1);
    }

    public override byte[] Repair(byte[] input, FuzzRandom random) =>
        FrameInput.Repair(input, Peers, Seeds, random, (_, header, payload) => (header, payload));

    public override string Run(ReadOnlyMemory<byte> input)
    {
        var (from, envelope, payload) = FrameInput.Split(input, Peers);
        if (!FrameHeader.TryRead(envelope, out FrameHeader header, out _))
            return "envelope";
        if (header.Kind is not (FrameKind.Reduce or FrameKind.Gather))
            return "kind";
        DropReason? reason = exchange!.Accept(from, header, payload.Span);
        missing.Clear();
        exchange.AddMissing(from, missing, 128);
        exchange.Resend(from, new SegmentId(header.Chunk, header.Hop, header.Segment));
        if (reason is null && !exchange.Started && header.Segment == 1)
            exchange.Start(StepFrames.BallotOf(0, layout.Buckets, Parameters), 1); // in the middle of what came early
        return reason?.ToString() ?? Accepted;
    }

    /// <summary>The target's name: that of the exchange, and the shape's unless it is a vote.</summary>
    public static string NameOf(bool isRing, StepKind shape) =>
        (isRing ? "exchange" : "direct") + (shape == StepKind.Vote ? "" : $"-{shape}");

    public override void Dispose() => exchange?.Release();

    static void Check(int to, FrameHeader header, byte[] payload) =>
        Must(to is > 0 and < Peers && payload.Length % sizeof(uint) == 0, $"sent to {to}: {header}");
}
