using System.Buffers;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Diagnostics;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Simulation;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.StateTransfer;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Fuzz.Targets;

/// <summary>The payloads that peers send each other, beside the exchange's planes.</summary>
static class Payloads
{
    /// <summary>Peers in the roster that they are read for.</summary>
    public const int Peers = 4;

    static readonly Digest digest = Digest.Of([1, 2, 3]);

    public static PayloadTarget HelloTarget() => new("hello",
        [
            new Hello(7, true, 9, 100, digest, [new("run", "demo"), new("steps", "1000"), new("peers", "a,b,c,d")]).Encode(),
            new Hello(0, false, ulong.MaxValue, 0, default, []).Encode(),
        ],
        input => Hello.TryDecode(input)?.Encode());

    public static PayloadTarget ProbeTarget() => new("probe",
        [
            new Probe(7, true, 1_800_000_000_000_000, 0,
                [new("run", "demo"), new("steps", "1000"), new("peers", "a,b,c,d")]).Encode(),
            new Probe(0, false, 1, long.MaxValue, []).Encode(),
        ],
        input => Probe.TryDecode(input)?.Encode());

    public static PayloadTarget StatusTarget()
    {
        return new("status", [Encode(new(3, 100, 99, HeartbeatFlags.Active, PeerSet.First(4))),
            Encode(new(0, 0, 0, HeartbeatFlags.None, default))],
            input => Heartbeat.TryRead(input.Span) is { } heartbeat ? Encode(heartbeat) : null);

        static byte[] Encode(Heartbeat heartbeat)
        {
            var bytes = new byte[Heartbeat.MaxLength];
            return bytes[..heartbeat.Write(bytes)];
        }
    }

    public static PayloadTarget HeldTarget()
    {
        return new("held", [Encode(new StepAck(digest, default))],
            input => StepAck.TryRead(input.Span, out StepAck ack) ? Encode(ack) : null);

        static byte[] Encode(StepAck ack)
        {
            var bytes = new byte[StepAck.Length];
            ack.Write(bytes);
            return bytes;
        }
    }

    public static PayloadTarget ViewMessageTarget() => new("view-message",
        [
            (ViewMessage.Promise(256, (41, digest)) with { Holder = 2 }).Encode(),
            ViewMessage.Promise(513, (41, digest), acceptedRound: 257, View(5)).Encode(),
        ],
        input => ViewMessage.TryDecode(input, Peers)?.Encode());

    public static PayloadTarget AskTarget() => new("fetch",
        [
            new RecordsRequest(1, 42, 0, digest, IncludeUncommitted: false).Encode(),
            new SnapshotPieceRequest(int.MaxValue, SnapshotKind.Shared, 400, 1 << 20, digest).Encode(),
        ],
        input => FetchRequest.TryDecode(input)?.Encode());

    public static PayloadTarget AnswerTarget()
    {
        return new("piece",
            [
                Encode(FetchResponse.SnapshotPiece(new SnapshotPieceRequest(1, SnapshotKind.Shared, 42, 0, digest),
                    new SnapshotInfo(SnapshotKind.Shared, 42, 100, digest), committed: 50)),
                Encode(FetchResponse.Refused(new RecordsRequest(2, 42, 0, default, IncludeUncommitted: false),
                    FetchResult.UpToDate, committed: 50)),
            ],
            input => FetchResponse.TryRead(input.Span) is { } answer ? Encode(answer) : null);

        static byte[] Encode(FetchResponse answer)
        {
            var bytes = new byte[FetchResponse.HeadLength];
            answer.Write(bytes);
            return bytes;
        }
    }

    /// <summary>Records as a donor sends them, one behind the other.</summary>
    public static PayloadTarget RecordsTarget() =>
        RecordsTarget("records", Records.PartsOf(StepKind.Vote), [Records.Chain(1), Records.Chain(3)]);

    /// <summary>The same of another shape.</summary>
    public static PayloadTarget RecordsTarget(string name, StepKind shape) =>
        RecordsTarget(name, Records.PartsOf(shape), [Records.Chain(shape, 1), Records.Chain(shape, 3)]);

    static PayloadTarget RecordsTarget(string name, Func<long, IReadOnlyList<Bucket>> bucketsOf, StepRecord[][] seeds) =>
        new(name, [.. seeds.Select(Write)], input =>
    {
        var read = new List<StepRecord>();
        while (RecordCodec.TryRead(ref input, bucketsOf) is { } record)
            read.Add(record);
        return read.Count == 0 ? null : Write(read);
    });

    /// <summary>The target of an acceptor's state, behind the checksum of its file.</summary>
    public static PayloadTarget AcceptorTarget() => new("acceptor",
        [
            new AcceptorState(5, View(3), 0, 0, null).Encode(),
            new AcceptorState(5, View(3), 769, 513, View(4)).Encode(),
        ],
        input => AcceptorState.TryDecode(input.ToArray(), Peers)?.Encode());

    /// <summary>Records as a donor sends them.</summary>
    public static byte[] Write(IReadOnlyList<StepRecord> records)
    {
        var output = new ArrayBufferWriter<byte>();
        return [.. records.SelectMany(record =>
        {
            RecordCodec.Write(record, output);
            return output.WrittenSpan.ToArray();
        })];
    }

    static View View(int number) => new(number, [2, 0, 1], [20, 10, 30], 42, [4, 5, 6]) { RunId = 77, BaseDigest = digest };
}
