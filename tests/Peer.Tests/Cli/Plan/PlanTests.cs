using System.Buffers;
using System.Text.Json;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Cli.Plan;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Optimizers;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Exchange;

namespace DecentralizedLion.Peer.Tests.Cli.Plan;

public sealed class PlanTests
{
    static PlanReport Of(int parameters, int count, string link = "1Gbit", double latency = 0.5, double? gradient = null)
    {
        Assert.True(LinkSpeed.TryParse(link, out var speed));
        return CostModel.Of(new PlanOptions
        {
            Parameters = parameters,
            Count = count,
            Link = speed,
            Latency = latency,
            Gradient = gradient,
        });
    }

    static MethodPlan Method(PlanReport plan, string name) => plan.Methods.Single(method => method.Method == name);

    [Theory]
    [InlineData(2, 1.00, 1.00, 32)]
    [InlineData(3, 1.67, 1.33, 42.7)]
    [InlineData(4, 2.00, 1.50, 48)]
    [InlineData(5, 2.40, 1.60, 51.2)]
    [InlineData(8, 3.00, 1.75, 56)]
    [InlineData(16, 4.00, 1.88, 60)]
    [InlineData(32, 5.00, 1.94, 62)]
    [InlineData(64, 6.00, 1.97, 63)]
    public void Bits_are_the_design_s(int peers, double ring, double direct, double fp32)
    {
        var plan = Of(64_000_000, peers);
        Assert.Equal(ring, Method(plan, "mavo").Ring.BitsPerParameter, 0.005);
        Assert.Equal(direct, Method(plan, "mavo").Direct.BitsPerParameter, 0.0051);
        Assert.Equal(fp32, Method(plan, "g-lion").Ring.BitsPerParameter, 0.05);
        Assert.Equal(fp32, Method(plan, "g-adamw").Direct.BitsPerParameter, 0.05);
    }

    [Fact]
    public void Every_method_carries_and_keeps_what_it_does_itself()
    {
        const int D = 1000;
        foreach (var name in OptimizerRules.Names)
        {
            var settings = TrainingSettings.Read(SettingsReader.Parse(
                $$"""{ "run": "r", "steps": 1, "learningRate": 0.01, "method": "{{name}}" }""", "test")) with
            { Keep = 0.013 };
            var shape = OptimizerFootprint.Of(settings, D, 2);
            var optimizer = OptimizerFactory.Create(settings.Options, [new("a", [600], 0, 600), new("b", [400], 600, 400)], 0,
                settings.Seed);
            Assert.Equal(optimizer.BucketsOf(1).Select(bucket => (bucket.Reduction.GetType(), bucket.Length)),
                shape.BucketsOf.Select(bucket => (bucket.Reduction.GetType(), bucket.Length)));
            Assert.Equal(optimizer.LocalState.Sum(vector => 4.0 * vector.Values.Length), shape.LocalStateBytes);
            var previous = name is "mavo" or "signsgd" or "signum" ? 8 * BitPlanes.Words(D) : 0;
            Assert.Equal((4.0 * D) + previous + optimizer.ReplicatedState.Sum(vector => 4.0 * vector.Values.Length),
                shape.ReplicatedStateBytes);
        }
    }

    [Fact]
    public void Seconds_are_as_by_hand()
    {
        // 3 peers, 3·4·64·512 parameters: chunks of 4 segments. c is 131072 bits a plane + 4 frames of 62 bytes + 1 a voter; R =
        // 1 Mbit/s.
        Bucket[] buckets = [new(new MajorityVote(TieRule.Previous), 3 * 4 * 64 * 512)];
        double C(int planes, int voters) => ((planes * 131072) + (8 * 4 * (62 + voters))) / 1e6;
        var without = ExchangeTraffic.Ring(buckets, 3);
        double ring = without.Seconds(1e6, 0);
        Assert.Equal(C(1, 1) + C(2, 2) + C(1, 3) + C(1, 3), ring, 1e-12);
        Assert.Equal(without.Bytes * 8 / 1e6, ring, 1e-12);
        Assert.Equal((4, 5 * 131072), (without.Rounds, without.Bits));
        // A latency within the other three segments' time is hidden on all hops but the last; one beyond it is not.
        Assert.Equal(ring + 0.09, without.Seconds(1e6, 0.09), 1e-12);
        Assert.Equal((4 * 10) + ((C(1, 1) + C(2, 2) + C(1, 3)) / 4) + C(1, 3), without.Seconds(1e6, 10), 1e-9);

        var direct = ExchangeTraffic.Direct(buckets, 3);
        Assert.Equal((2, 4 * 131072.0), (direct.Rounds, direct.Bits));
        // The first of the four segments has come from both others when one chunk and a quarter are sent, and a latency later.
        Assert.Equal(Math.Max(2 * C(1, 1), 0.25 + (1.25 * C(1, 1))) + (2 * C(1, 3)) + 0.25, direct.Seconds(1e6, 0.25), 1e-12);
        Assert.Equal((2 * C(1, 1)) + (2 * C(1, 3)), direct.Seconds(1e6, 0), 1e-12);
        Assert.Equal(direct.Seconds(1e6, 0) / (ring - 0.5), direct.ShareNeeded(ring, 1e6, 0.25), 1e-12);
    }

    [Fact]
    public void A_plan_has_the_packets_headers_and_acknowledgements_in_its_times()
    {
        var ring = Method(Of(64_000_000, 2, "100Mbit", latency: 1), "mavo").Ring;
        Assert.Equal(1.0684, (ring.SecondsPerStep - 0.001) / (8 * ring.BytesPerStep / 1e8), 1e-4);
    }

    [Fact]
    public void What_is_gathered_goes_round_once()
    {
        Bucket[] buckets = [new(new SparseGather(1_000_000), 1000)];
        var ring = ExchangeTraffic.Ring(buckets, 5);
        Assert.Equal(4 * (8000 + (2 * 63)), ring.Bytes, 1e-9); // 1000 words: two segments
        Assert.Equal((4, 4 * 64_000.0), (ring.Rounds, ring.Bits));
        var direct = ExchangeTraffic.Direct(buckets, 5);
        Assert.Equal((1, ring.Bits, ring.Bytes), (direct.Rounds, direct.Bits, direct.Bytes));
        Assert.Equal((8 * ring.Bytes / 1e6) + 0.1, direct.Seconds(1e6, 0.1), 1e-12);
    }

    [Fact]
    public void A_step_has_a_gradient_and_an_exchange()
    {
        var mavo = Method(Of(1_000_000, 4, gradient: 0.1), "mavo");
        Assert.Equal(mavo.Ring.SecondsPerStep / (mavo.Ring.SecondsPerStep + 0.1), mavo.Ring.ShareOfStep);
        Assert.Equal(3600 / (mavo.Ring.SecondsPerStep + 0.1), mavo.Ring.StepsPerHour, 1e-6);
        Assert.Equal(mavo.Ring.StepsPerHour * mavo.JournalBytesPerStep, mavo.Ring.JournalBytesPerHour, 1e-3);
        Assert.True(mavo.DirectSpeedup > 1);
        Assert.Null(Method(Of(1_000_000, 4), "mavo").Ring.ShareOfStep);
    }

    [Fact]
    public void The_journal_s_record_is_as_long_as_a_real_one()
    {
        const int D = 100_000;
        var all = PeerSet.First(5);
        var record = new StepRecord(123_456, 3, ulong.MaxValue, all, all, new uint[5], 1, 1,
            [new Aggregate(new ulong[BitPlanes.Words(D)], null)], default);
        var written = new ArrayBufferWriter<byte>();
        record.Write(written);
        // length, CRC and digest are 40
        Assert.InRange(Method(Of(D, 5), "mavo").JournalBytesPerStep - (written.WrittenCount + 40), -30, 30);
    }

    [Fact]
    public void The_largest_plan_is_finite_and_says_that_no_ring_is_so_large()
    {
        var plan = Of(int.MaxValue, 4096, "25Gbit");
        Assert.Contains(plan.Assumptions,
            line => line.Contains("at most 256 peers: 4096 is arithmetic", StringComparison.Ordinal));
        Assert.DoesNotContain(Of(5, 256).Assumptions, line => line.Contains("arithmetic", StringComparison.Ordinal));
        Assert.All(plan.Methods,
            method => Assert.True(double.IsFinite(method.Ring.SecondsPerStep) && method.Ring.BytesPerStep > 1e8
                    && method.Direct.SecondsPerStep > 0));
    }

    [Fact]
    public void A_file_gives_network_method_and_roster()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("peers.json"), """
            { "run": "r", "steps": 10, "learningRate": 0.001, "method": "avg", "exchange": "direct", "momentumSync": 10,
              "insecure": true,
              "model": { "kind": "mlp", "width": 8, "depth": 1 }, "data": { "kind": "mnist" },
              "peers": [ { "id": "a", "address": "127.0.0.1", "port": 7000 },
                { "id": "b", "address": "127.0.0.1", "port": 7100 } ] }
            """);
        var plan = CostModel.Of(new PlanOptions { PeersFile = folder.File("peers.json") });
        Assert.Equal(2, plan.Peers);
        Assert.True(plan.Parameters > 784 * 8);
        Assert.Equal("avg direct",
            string.Join(", ",
                plan.Methods.SelectMany(method => new[] { method.Ring, method.Direct }.Where(one => one.IsPlanned)
                    .Select(one => $"{method.Method} {one.Exchange}"))));
        Assert.Equal(1.5 + 3.2, Method(plan, "avg").Direct.BitsPerParameter, 0.05); // a tenth of an fp32 mean more
        using var text = new StringWriter();
        PlanText.Write(plan, text);
        Assert.Contains("direct *", text.ToString(), StringComparison.Ordinal);
        Assert.Equal(5,
            CostModel.Of(new PlanOptions { PeersFile = folder.File("peers.json"), Parameters = 77, Count = 5 }).Peers);
    }

    [Fact]
    public void A_roster_of_a_program_of_one_s_own_gives_the_number_of_peers()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("peers.json");
        File.WriteAllText(file, """
            { "run": "r", "insecure": true,
              "peers": [ { "id": "a", "address": "127.0.0.1", "port": 7000 }, { "id": "b", "address": "127.0.0.1", "port": 7100 },
                         { "id": "c", "address": "127.0.0.1", "port": 7200 } ] }
            """);
        var plan = CostModel.Of(new PlanOptions { PeersFile = file, Parameters = 77 });
        Assert.Equal((3, 77), (plan.Peers, plan.Parameters));
        Assert.Contains($"--parameters: missing, and {file} has no model", Assert.Throws<UsageException>(
            () => CostModel.Of(new PlanOptions { PeersFile = file })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_and_json_say_all_methods()
    {
        var plan = Of(1_000_000, 8, gradient: 0.2);
        using var text = new StringWriter();
        using var json = new StringWriter();
        PlanText.Write(plan, text);
        JsonReport.Write(plan, json);
        Assert.All(OptimizerRules.Names, name => Assert.Contains($"\n{name} ", text.ToString(), StringComparison.Ordinal));
        var parsed = JsonDocument.Parse(json.ToString()).RootElement;
        Assert.Equal(3, parsed.GetProperty("methods")[0].GetProperty("ring").GetProperty("bitsPerParameter").GetDouble(), 1e-9);
        Assert.Equal(9, parsed.GetProperty("methods").GetArrayLength());
    }

    [Theory]
    [InlineData("100Mbit", 1e8)]
    [InlineData("2.5Gbit/s", 2.5e9)]
    [InlineData("1 kbit", 1e3)]
    [InlineData("10tbit", 1e13)]
    public void Speeds_are_read(string text, double speed)
    {
        Assert.True(LinkSpeed.TryParse(text, out var read));
        Assert.Equal(speed, read);
        Assert.True(LinkSpeed.TryParse(LinkSpeed.Text(speed), out read));
        Assert.Equal(speed, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("100")]
    [InlineData("-1Gbit")]
    [InlineData("1GB")]
    [InlineData("0Mbit")]
    [InlineData("11Tbit")]
    [InlineData("1e3Mbit")]
    [InlineData("NaNGbit")]
    public void Others_are_refused(string text) => Assert.False(LinkSpeed.TryParse(text, out _));
}
