using System.Buffers;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.StateTransfer;
using DecentralizedLion.Topology.Tests.StateTransfer;
using FsCheck;
using FsCheck.Xunit;
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
        Assert.Null(Hello.TryDecode((hello with { Settings = [new("field", new string('x', 5000))] }).Encode()));
        // An array header that claims four billion texts is not believed.
        byte[] bytes = [.. (hello with { Settings = [] }).Encode()[..^1], 0xdd, 0xff, 0xff, 0xff, 0xfe];
        Assert.Null(Hello.TryDecode(bytes));
    }

    [Property]
    public void A_heartbeat_survives_a_round_trip_and_no_bytes_throw(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        PeerSet hears = default;
        for (int i = random.Next(12); i > 0; i--)
            hears = hears.With(random.Next(256));
        var heartbeat = new Heartbeat(random.Next(), random.NextInt64(), random.NextInt64(),
            (HeartbeatFlags)random.Next(16), hears);
        byte[] bytes = Bytes(heartbeat);
        Assert.Equal(heartbeat, Heartbeat.TryRead(bytes));
        Assert.Null(Heartbeat.TryRead(Bytes(heartbeat with { View = -1 })));
        Assert.Null(Heartbeat.TryRead(Bytes(heartbeat with { JournalStep = -1 })));
        Assert.Null(Heartbeat.TryRead(Bytes(heartbeat with { Committed = -1 })));
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
        var request = new FetchRequest(random.Next(), kind, random.NextInt64(), random.NextInt64(), Digest.Of([1]),
            random.Next(2) == 0);
        byte[] bytes = request.Encode();
        Assert.Equal(request, FetchRequest.TryDecode(bytes));
        Assert.Null(FetchRequest.TryDecode((request with { Kind = (FetchKind)5 }).Encode()));
        Assert.Null(FetchRequest.TryDecode((request with { Step = -1 }).Encode()));
        Assert.Null(FetchRequest.TryDecode((request with { Offset = -1 }).Encode()));
        AssertOnlyWhole(bytes, random, damaged => FetchRequest.TryDecode(damaged) is not null);
    }

    [Property]
    public void An_answer_survives_a_round_trip_and_no_bytes_throw(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        var answer = new FetchResponse(random.Next(), (FetchResult)random.Next(7), random.NextInt64(), random.NextInt64(),
            random.NextInt64(), Digest.Of([1]), Digest.Of([2]));
        byte[] bytes = Bytes(answer);
        Assert.Equal(answer, FetchResponse.TryRead(bytes));
        Assert.Equal(answer, FetchResponse.TryRead([.. bytes, 1, 2, 3])); // the bytes asked for follow
        Assert.Null(FetchResponse.TryRead(Bytes(answer with { Result = (FetchResult)7 })));
        Assert.Null(FetchResponse.TryRead(Bytes(answer with { Step = -1 })));
        Assert.Null(FetchResponse.TryRead(Bytes(answer with { Total = -1 })));
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
