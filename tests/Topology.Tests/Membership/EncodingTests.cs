using System.Buffers;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;
using FsCheck;
using FsCheck.Xunit;
using static DecentralizedLion.Topology.Tests.Views.EncodingTests;

namespace DecentralizedLion.Topology.Tests.Membership;

/// <summary>What members tell each other comes back as it was, or not at all.</summary>
public sealed class EncodingTests
{
    [Property(MaxTest = 30)]
    public void A_greeting_survives_a_round_trip_and_no_bytes_throw(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        ulong incarnation = (ulong)random.NextInt64(1, long.MaxValue);
        var hello = new Hello((ulong)random.NextInt64(), random.Next(2) == 0, incarnation, random.NextInt64(), ChainDigest.Of([2]),
            [.. Enumerable.Range(0, random.Next(20)).Select(i => new FingerprintPart($"field{i}", new string('é', random.Next(300))))]);
        byte[] bytes = hello.Encode();
        Hello? read = Hello.TryDecode(bytes);
        Assert.NotNull(read);
        Assert.Equal(hello with { Parts = [] }, read with { Parts = [] });
        Assert.Equal(hello.Parts, read.Parts);
        Assert.Null(Hello.TryDecode((hello with { Incarnation = 0 }).Encode()));
        Assert.Null(Hello.TryDecode((hello with { Step = -1 }).Encode()));
        Assert.Null(Hello.TryDecode((hello with { Step = long.MaxValue }).Encode())); // a run could not begin after it
        AssertOnlyWhole(bytes, random, damaged => Hello.TryDecode(damaged) is not null);
    }

    [Fact]
    public void A_greeting_that_claims_more_than_anyone_needs_is_none()
    {
        var hello = new Hello(1, false, 1, 0, default, [.. Enumerable.Range(0, 1025).Select(i => new FingerprintPart($"{i}", ""))]);
        Assert.Null(Hello.TryDecode(hello.Encode()));
        Assert.Null(Hello.TryDecode((hello with { Parts = [new("field", new string('x', 5000))] }).Encode()));
        // An array header that claims four billion texts is not believed.
        byte[] bytes = [.. (hello with { Parts = [] }).Encode()[..^1], 0xdd, 0xff, 0xff, 0xff, 0xfe];
        Assert.Null(Hello.TryDecode(bytes));
    }

    [Property]
    public void A_heartbeat_survives_a_round_trip_and_no_bytes_throw(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        VoterSet hears = default;
        for (int i = random.Next(12); i > 0; i--)
            hears = hears.With(random.Next(256));
        var status = new PeerStatus(random.Next(), random.NextInt64(), random.NextInt64(), (StatusFlags)random.Next(16), hears);
        byte[] bytes = Bytes(status);
        Assert.Equal(status, PeerStatus.TryRead(bytes));
        Assert.Null(PeerStatus.TryRead(Bytes(status with { View = -1 })));
        Assert.Null(PeerStatus.TryRead(Bytes(status with { Held = -1 })));
        Assert.Null(PeerStatus.TryRead(Bytes(status with { Committed = -1 })));
        for (int length = 0; length < bytes.Length - hears.Count; length++)
            Assert.Null(PeerStatus.TryRead(bytes.AsSpan(0, length)));
        Assert.Null(PeerStatus.TryRead(new byte[PeerStatus.MaxLength + 1]));
        Assert.Null(PeerStatus.TryRead([.. Bytes(status with { Hears = default }), 5, 5])); // a set has each once
        AssertNothingThrows(bytes, random, damaged => PeerStatus.TryRead(damaged) is not null);
    }

    [Fact]
    public void The_largest_heartbeat_has_room()
    {
        var status = new PeerStatus(int.MaxValue, long.MaxValue, long.MaxValue, (StatusFlags)255, VoterSet.First(256));
        Assert.Equal(PeerStatus.MaxLength, Bytes(status).Length);
        Assert.Equal(status, PeerStatus.TryRead(Bytes(status)));
        Assert.True(status.Is(StatusFlags.Active | StatusFlags.Leaving));
        Assert.False((status with { Flags = StatusFlags.Active }).Is(StatusFlags.Active | StatusFlags.Leaving));
    }

    [Property]
    public void An_ask_survives_a_round_trip_and_no_bytes_throw(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        var kind = (FetchKind)random.Next(5);
        var ask = new FetchAsk(random.Next(), kind, random.NextInt64(), random.NextInt64(), ChainDigest.Of([1]), random.Next(2) == 0);
        byte[] bytes = ask.Encode();
        Assert.Equal(ask, FetchAsk.TryDecode(bytes));
        Assert.Null(FetchAsk.TryDecode((ask with { Kind = (FetchKind)5 }).Encode()));
        Assert.Null(FetchAsk.TryDecode((ask with { Step = -1 }).Encode()));
        Assert.Null(FetchAsk.TryDecode((ask with { Offset = -1 }).Encode()));
        AssertOnlyWhole(bytes, random, damaged => FetchAsk.TryDecode(damaged) is not null);
    }

    [Property]
    public void An_answer_survives_a_round_trip_and_no_bytes_throw(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        var answer = new FetchAnswer(random.Next(), (FetchResult)random.Next(7), random.NextInt64(), random.NextInt64(), random.NextInt64(),
            ChainDigest.Of([1]), ChainDigest.Of([2]));
        byte[] bytes = Bytes(answer);
        Assert.Equal(answer, FetchAnswer.TryRead(bytes));
        Assert.Equal(answer, FetchAnswer.TryRead([.. bytes, 1, 2, 3])); // the bytes asked for follow
        Assert.Null(FetchAnswer.TryRead(Bytes(answer with { Result = (FetchResult)7 })));
        Assert.Null(FetchAnswer.TryRead(Bytes(answer with { Step = -1 })));
        Assert.Null(FetchAnswer.TryRead(Bytes(answer with { Total = -1 })));
        Assert.Null(FetchAnswer.TryRead(Bytes(answer with { Committed = -1 })));
        for (int length = 0; length < bytes.Length; length++)
            Assert.Null(FetchAnswer.TryRead(bytes.AsSpan(0, length)));
        AssertNothingThrows(bytes, random, damaged => FetchAnswer.TryRead(damaged) is not null);
    }

    [Property]
    public void Records_survive_a_round_trip_one_after_the_other_and_no_bytes_throw(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        const int Parameters = 100;
        StepRecord[] records = [.. Enumerable.Range(1, 3).Select(step => FetchRig.Record(step, 1, Parameters, default))];
        byte[] bytes = [.. records.SelectMany(Bytes)];
        ReadOnlyMemory<byte> rest = bytes;
        foreach (StepRecord record in records)
        {
            StepRecord? read = RecordBytes.TryRead(ref rest, StepParts.Vote(Parameters));
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
            return RecordBytes.TryRead(ref all, StepParts.Vote(Parameters)) is not null;
        }
    }

    static byte[] Bytes(PeerStatus status)
    {
        byte[] bytes = new byte[PeerStatus.MaxLength];
        return bytes[..status.Write(bytes)];
    }

    static byte[] Bytes(FetchAnswer answer)
    {
        byte[] bytes = new byte[FetchAnswer.HeadLength];
        answer.Write(bytes);
        return bytes;
    }

    static byte[] Bytes(StepRecord record)
    {
        var output = new ArrayBufferWriter<byte>();
        RecordBytes.Write(record, output);
        return output.WrittenSpan.ToArray();
    }
}
