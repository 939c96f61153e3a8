using System.Buffers;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.StateTransfer;
using DecentralizedLion.Topology.Tests.StateTransfer;
using FsCheck;
using FsCheck.Xunit;
using MessagePack;
using static DecentralizedLion.Topology.Tests.ViewChanges.ViewEncodingTests;

namespace DecentralizedLion.Topology.Tests.Membership;

/// <summary>Tests that messages are read as they were written, or not at all.</summary>
public sealed class MessageEncodingTests
{
    [Property(MaxTest = 30)]
    public void A_greeting_survives_a_round_trip_and_no_bytes_throw(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        ulong diskId = (ulong)random.NextInt64(1, long.MaxValue);
        var hello = new Hello((ulong)random.NextInt64(), random.Next(2) == 0, diskId, random.NextInt64(), Digest.Of([2]),
            [.. Enumerable.Range(0, random.Next(20))
                .Select(i => new FingerprintField($"field{i}", new string('é', random.Next(300))))]);
        byte[] bytes = hello.Encode();
        Hello? read = Hello.TryDecode(bytes);
        Assert.NotNull(read);
        Assert.Equal(hello with { Settings = [] }, read with { Settings = [] });
        Assert.Equal(hello.Settings, read.Settings);
        Assert.Null(Hello.TryDecode((hello with { DiskId = 0 }).Encode()));
        Assert.Null(Hello.TryDecode((hello with { Step = -1 }).Encode()));
        Assert.Null(Hello.TryDecode((hello with { Step = long.MaxValue }).Encode())); // a run could not begin after it
        AssertOnlyWhole(bytes, random, damaged => Hello.TryDecode(damaged) is not null);
    }

    [Fact]
    public void A_greeting_that_claims_more_than_anyone_needs_is_none()
    {
        var hello = new Hello(1, false, 1, 0, default,
            [.. Enumerable.Range(0, 1025).Select(i => new FingerprintField($"{i}", ""))]);
        Assert.Null(Hello.TryDecode(hello.Encode()));
        Assert.Null(Hello.TryDecode((hello with { Settings = [new("field", new string('x', 20_000))] }).Encode()));
        // An array header that claims four billion texts is not believed.
        byte[] bytes = [.. (hello with { Settings = [] }).Encode()[..^1], 0xdd, 0xff, 0xff, 0xff, 0xfe];
        Assert.Null(Hello.TryDecode(bytes));
    }

    [Fact]
    public void The_longest_ids_of_the_largest_roster_fit_into_a_greeting()
    {
        string[] ids = [.. Enumerable.Range(0, Roster.MaxPeers).Select(i => $"{i:D3}".PadLeft(Roster.MaxIdLength, 'n'))];
        var hello = new Hello(1, false, 1, 0, default, [new("peers", string.Join(',', ids))]);
        Assert.Equal(hello.Settings, Hello.TryDecode(hello.Encode())!.Settings);
    }

    [Property]
    public void A_heartbeat_survives_a_round_trip_and_no_bytes_throw(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        PeerSet hears = default;
        for (int i = random.Next(12); i > 0; i--)
            hears = hears.With(random.Next(256));
        var heartbeat = new Heartbeat(random.Next(), random.NextInt64(), random.NextInt64(),
            (HeartbeatFlags)random.Next(16), hears)
        {
            Stamp = new RoundTripStamp((uint)random.Next(), (uint)random.Next(), (uint)random.Next()),
            SecondsPerSample = random.Next(2) * random.NextSingle() * 1000,
        };
        byte[] bytes = Bytes(heartbeat);
        Assert.Equal(heartbeat, Heartbeat.TryRead(bytes));
        Assert.Null(Heartbeat.TryRead(Bytes(heartbeat with { View = -1 })));
        Assert.Null(Heartbeat.TryRead(Bytes(heartbeat with { JournalStep = -1 })));
        Assert.Null(Heartbeat.TryRead(Bytes(heartbeat with { Committed = -1 })));
        foreach (float wrong in (float[])[-1e-9f, float.NaN, float.PositiveInfinity, 2e6f])
            Assert.Null(Heartbeat.TryRead(Bytes(heartbeat with { SecondsPerSample = wrong })));
        for (int length = 0; length < bytes.Length - hears.Count; length++)
            Assert.Null(Heartbeat.TryRead(bytes.AsSpan(0, length)));
        Assert.Null(Heartbeat.TryRead(new byte[Heartbeat.MaxLength + 1]));
        Assert.Null(Heartbeat.TryRead([.. Bytes(heartbeat with { Reachable = default }), 5, 5])); // a set has each once
        AssertNothingThrows(bytes, random, damaged => Heartbeat.TryRead(damaged) is not null);
    }

    [Fact]
    public void The_largest_heartbeat_has_room()
    {
        var heartbeat = new Heartbeat(int.MaxValue, long.MaxValue, long.MaxValue, (HeartbeatFlags)255, PeerSet.First(256));
        Assert.Equal(Heartbeat.MaxLength, Bytes(heartbeat).Length);
        Assert.Equal(heartbeat, Heartbeat.TryRead(Bytes(heartbeat)));
        Assert.True(heartbeat.Is(HeartbeatFlags.Active | HeartbeatFlags.Leaving));
        Assert.False((heartbeat with { Flags = HeartbeatFlags.Active }).Is(HeartbeatFlags.Active | HeartbeatFlags.Leaving));
    }

    [Property]
    public void An_ask_survives_a_round_trip_and_no_bytes_throw(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        var kind = (FetchKind)random.Next(5);
        FetchRequest request = Request(kind, random.NextInt64(), random.NextInt64());
        byte[] bytes = request.Encode();
        Assert.Equal(request, FetchRequest.TryDecode(bytes));
        Assert.Equal(kind, request.Kind);
        byte[] ofAnotherKind = [.. bytes];
        ofAnotherKind[KindIn(bytes)] = 5;
        Assert.Null(FetchRequest.TryDecode(ofAnotherKind));
        Assert.Null(FetchRequest.TryDecode(Request(kind, -1, random.NextInt64()).Encode()));
        Assert.Null(FetchRequest.TryDecode(Request(kind, random.NextInt64(), -1).Encode()));
        AssertOnlyWhole(bytes, random, damaged => FetchRequest.TryDecode(damaged) is not null);

        FetchRequest Request(FetchKind kind, long step, long offset) => kind switch
        {
            FetchKind.Records => new RecordsRequest(random.Next(), step, offset, Digest.Of([1]), random.Next(2) == 0),
            FetchKind.SnapshotInfo => new SnapshotInfoRequest(random.Next(), SnapshotKind.Shared, step, offset),
            FetchKind.MomentumInfo => new SnapshotInfoRequest(random.Next(), SnapshotKind.Momentum, step, offset),
            FetchKind.Snapshot => new SnapshotPieceRequest(random.Next(), SnapshotKind.Shared, step, offset, Digest.Of([1])),
            _ => new SnapshotPieceRequest(random.Next(), SnapshotKind.Momentum, step, offset, Digest.Of([1])),
        };

        static int KindIn(byte[] bytes)
        {
            var reader = new MessagePackReader(bytes);
            reader.ReadArrayHeader();
            reader.ReadInt32();
            return (int)reader.Consumed;
        }
    }

    [Fact]
    public void The_format_of_the_requests_is_written_down_byte_by_byte()
    {
        string digest = Convert.ToHexStringLower(Digest.Of([1]).Bytes), none = new('0', 64);
        // An array of six: id, kind, step, offset, digest, include uncommitted records.
        Assert.Equal("96" + "07" + "00" + "cd012c" + "05" + "c420" + digest + "c3",
            Hex(new RecordsRequest(7, 300, 5, Digest.Of([1]), IncludeUncommitted: true)));
        Assert.Equal("96" + "07" + "01" + "cd012c" + "05" + "c420" + none + "c2",
            Hex(new SnapshotInfoRequest(7, SnapshotKind.Shared, 300, StepMin: 5)));
        Assert.Equal("96" + "07" + "02" + "cd012c" + "05" + "c420" + digest + "c2",
            Hex(new SnapshotPieceRequest(7, SnapshotKind.Shared, 300, 5, Digest.Of([1]))));
        Assert.Equal("96" + "07" + "03" + "cd012c" + "00" + "c420" + none + "c2",
            Hex(new SnapshotInfoRequest(7, SnapshotKind.Momentum, 300)));
        Assert.Equal("96" + "07" + "04" + "cd012c" + "05" + "c420" + digest + "c2",
            Hex(new SnapshotPieceRequest(7, SnapshotKind.Momentum, 300, 5, Digest.Of([1]))));

        static string Hex(FetchRequest request) => Convert.ToHexStringLower(request.Encode());
    }

    [Property]
    public void An_answer_survives_a_round_trip_and_no_bytes_throw(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        var snapshot = new SnapshotInfo(SnapshotKind.Shared, random.NextInt64(), random.NextInt64(), Digest.Of([1]));
        var request = new SnapshotInfoRequest(random.Next(), SnapshotKind.Shared, StepMax: 0);
        FetchResponse answer = FetchResponse.SnapshotInfo(request, snapshot, Digest.Of([2]), random.NextInt64()) with
        {
            Result = (FetchResult)random.Next(7),
        };
        byte[] bytes = Bytes(answer);
        Assert.Equal(answer, FetchResponse.TryRead(bytes));
        Assert.Equal(answer, FetchResponse.TryRead([.. bytes, 1, 2, 3])); // the bytes asked for follow
        Assert.Null(FetchResponse.TryRead(Bytes(answer with { Result = (FetchResult)7 })));
        Assert.Null(FetchResponse.TryRead(Bytes(answer with { Step = -1 })));
        Assert.Null(FetchResponse.TryRead(Bytes(answer with { WholeLength = -1 })));
        Assert.Null(FetchResponse.TryRead(Bytes(answer with { Committed = -1 })));
        for (int length = 0; length < bytes.Length; length++)
            Assert.Null(FetchResponse.TryRead(bytes.AsSpan(0, length)));
        AssertNothingThrows(bytes, random, damaged => FetchResponse.TryRead(damaged) is not null);
    }

    [Property]
    public void Records_survive_a_round_trip_one_after_the_other_and_no_bytes_throw(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        const int Parameters = 100;
        StepRecord[] records = [.. Enumerable.Range(1, 3)
            .Select(step => StateTransferHarness.Record(step, 1, Parameters, default))];
        byte[] bytes = [.. records.SelectMany(Bytes)];
        ReadOnlyMemory<byte> rest = bytes;
        foreach (StepRecord record in records)
        {
            StepRecord? read = RecordCodec.TryRead(ref rest, Buckets.Vote(Parameters));
            Assert.NotNull(read);
            Assert.Equal((record.Step, record.Digest), (read.Step, read.Digest));
            Assert.Equal(record.Signs, read.Signs);
        }
        Assert.True(rest.IsEmpty);
        byte[] one = Bytes(records[0]);
        for (int length = 0; length < one.Length; length++)
            Assert.False(Reads(one[..length]));
        AssertNothingThrows(one, random, Reads);
        foreach (int length in (int[])[-1, int.MinValue, int.MaxValue, 0, 32])
            Assert.False(Reads([.. BitConverter.GetBytes(length), .. one[4..]]));

        static bool Reads(byte[] damaged)
        {
            ReadOnlyMemory<byte> all = damaged;
            return RecordCodec.TryRead(ref all, Buckets.Vote(Parameters)) is not null;
        }
    }

    static byte[] Bytes(Heartbeat heartbeat)
    {
        byte[] bytes = new byte[Heartbeat.MaxLength];
        return bytes[..heartbeat.Write(bytes)];
    }

    static byte[] Bytes(FetchResponse answer)
    {
        byte[] bytes = new byte[FetchResponse.HeadLength];
        answer.Write(bytes);
        return bytes;
    }

    static byte[] Bytes(StepRecord record)
    {
        var output = new ArrayBufferWriter<byte>();
        RecordCodec.Write(record, output);
        return output.WrittenSpan.ToArray();
    }
}
