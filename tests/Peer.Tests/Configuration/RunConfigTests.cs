using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Networks;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Peer.Tests.Configuration;

public class RunConfigTests
{
    const string Minimal = """
        "run": "r", "steps": 100, "learningRate": 0.001, "insecure": true,
        "peers": [{"id": "a", "address": "127.0.0.1", "port": 7000}, {"id": "b", "address": "127.0.0.1", "port": 8000}]
        """;

    const string Glyphs = """ "model": {"kind": "mlp"}, "data": {"kind": "glyphs"} """;

    static RunConfig Read(string json, string? data = null) =>
        RunConfig.Read(SettingsReader.Parse("{" + json + "}", "peers.json"), "/etc/run/peers.json", data);

    static RunConfig With(string more, string rest = Glyphs) => Read($"{more}, {Minimal}, {rest}");

    static string Error(string json) => Assert.Throws<SettingsException>(() => Read(json)).Message;

    [Fact]
    public void A_path_that_no_system_has_is_named() =>
        Assert.Contains("data.path: found a text with a zero character",
            Error($$"""{{Minimal}}, "model": {"kind": "mlp"}, "data": {"kind": "mnist", "path": "a\u0000b"}"""));

    static Fingerprint Print(RunConfig run) => run.Fingerprint(1, 1000, [1, 2, 3]);

    [Fact]
    public void Defaults_stand_in_and_writing_them_changes_nothing()
    {
        var bare = Read($"{Minimal}, {Glyphs}");
        var written = Read("""
            "seed": 1, "batch": 32, "method": "mavo", "ties": "previous", "exchange": "auto", "weightDecay": 0.1,
            "weightDecayOf": "all",
            "beta1": 0.9, "beta2": 0.99, "warmup": 0, "finalLearningRate": 0, "evaluateEvery": 100, "evaluateSamples": 1000,
            "checkpointEvery": 200, "nonFiniteLimit": 10,
            "deadline": "adaptive", "suspectAfter": 2, "minPeers": 1,
            "model": {"kind": "mlp", "width": 256, "depth": 2},
            "data": {"kind": "glyphs", "partition": "iid", "seed": 1, "size": 28, "trainCount": 60000, "testCount": 10000},
            """ + Minimal);
        Assert.Equal(bare.Training, written.Training);
        Assert.Equal(bare.Model, written.Model);
        Assert.Equal(bare.Data, written.Data);
        Assert.Empty(Print(bare).Differences(Print(written).Fields));
        Assert.Equal(Print(bare).Run, Print(written).Run);
    }

    [Theory]
    [InlineData("\"seed\": 2", "seed", "1", "2")]
    [InlineData("\"batch\": 33", "batch", "32", "33")]
    [InlineData("\"globalBatch\": 128", "batch", "32", null)]
    [InlineData("\"ties\": \"hash\"", "ties", "previous", "hash")]
    [InlineData("\"exchange\": \"direct\"", "exchange", "auto", "direct")]
    [InlineData("\"exchange\": \"ring\"", "exchange", "auto", "ring")]
    [InlineData("\"weightDecay\": 0.25", "weightDecay", "0.1", "0.25")]
    [InlineData("\"weightDecayOf\": \"matrices\"", "weightDecayOf", null, "matrices")]
    [InlineData("\"beta1\": 0.95", "beta1", "0.9", "0.95")]
    [InlineData("\"beta2\": 0.98", "beta2", "0.99", "0.98")]
    [InlineData("\"warmup\": 5", "warmup", "0", "5")]
    [InlineData("\"finalLearningRate\": 0.125", "finalLearningRate", "0", "0.125")]
    [InlineData("\"checkpointEvery\": 7", "checkpointEvery", "200", "7")]
    [InlineData("\"nonFiniteLimit\": 7", "nonFiniteLimit", "10", "7")]
    [InlineData("\"deadline\": \"off\"", "deadline", "adaptive", "off")]
    [InlineData("\"minPeers\": 2", "minPeers", "1", "2")]
    public void What_must_be_shared_is_in_the_fingerprint(string setting, string field, string? mine, string? theirs) =>
        Assert.Equal(
            new FingerprintDifference(field, mine, theirs),
                Print(Read($"{Minimal}, {Glyphs}")).Differences(Print(With(setting)).Fields)[0]);

    [Fact]
    public void A_sum_of_samples_stands_in_for_those_of_each_peer()
    {
        Assert.Null(Read($"{Minimal}, {Glyphs}").Training.GlobalBatch);
        Assert.Null(With("\"batch\": 8").Training.GlobalBatch);
        var run = With("\"globalBatch\": 128");
        Assert.Equal(128, run.Training.GlobalBatch);
        Assert.Equal(
            new FingerprintDifference("globalBatch", "128", "64"),
                Print(run).Differences(Print(With("\"globalBatch\": 64")).Fields)[0]);
        Assert.Equal(
            new FingerprintDifference("globalBatch", "128", null),
                Print(run).Differences(Print(With("\"batch\": 128")).Fields)[0]);
    }

    [Fact]
    public void A_peer_may_have_a_batch_of_its_own()
    {
        var own = Minimal.Replace("\"port\": 8000", "\"port\": 8000, \"batch\": 48");
        Assert.Equal([32, 48], Read($"{own}, {Glyphs}").BatchSize.Own);
        Assert.Equal([16, 48], Read($"{own}, {Glyphs}, \"batch\": 16").BatchSize.Own);
        Assert.Empty(Read($"{Minimal}, {Glyphs}").BatchSize.Own);
        Assert.Equal(new FingerprintDifference("peers.batch", null, ",48"),
            Print(Read($"{Minimal}, {Glyphs}")).Differences(Print(Read($"{own}, {Glyphs}")).Fields)[0]);
        Assert.Contains("globalBatch: found 64 together with a batch of a peer's own in peers; allowed is one of the two",
            Error($"{own}, {Glyphs}, \"globalBatch\": 64"), StringComparison.Ordinal);
        Assert.Contains("peers: found batches of 32, 48 with method graddrop; allowed with it is one batch for all",
            Error($"{own}, {Glyphs}, \"method\": \"graddrop\""), StringComparison.Ordinal);
        foreach (var wrong in (string[])["0", "1000001", "1.5", "\"auto\""])
            Assert.Contains("peers[1].batch: ", Error($"{own.Replace("48", wrong)}, {Glyphs}"), StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_may_be_shared_out_by_speed()
    {
        var run = With("\"batch\": \"auto\", \"globalBatch\": 128");
        Assert.True(run.Training.IsBatchShared);
        Assert.Equal(128, run.Training.GlobalBatch);
        Assert.Equal(new FingerprintDifference("batch", null, "auto"),
            Print(With("\"globalBatch\": 128")).Differences(Print(run).Fields)[0]);
        Assert.Contains("batch: found \"auto\" without globalBatch", Error($"{Minimal}, {Glyphs}, \"batch\": \"auto\""),
            StringComparison.Ordinal);
        Assert.Contains("batch: found \"auto\" with method dgc; allowed with it is a number",
            Error($"{Minimal}, {Glyphs}, \"batch\": \"auto\", \"globalBatch\": 128, \"method\": \"dgc\""),
            StringComparison.Ordinal);
        Assert.Contains("batch: ", Error($"{Minimal}, {Glyphs}, \"batch\": \"automatic\""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"evaluateEvery\": 7")]
    [InlineData("\"evaluateSamples\": 7")]
    [InlineData("\"suspectAfter\": 7")]
    public void What_concerns_one_host_is_not(string setting)
        => Assert.Equal(Print(Read($"{Minimal}, {Glyphs}")).Hex, Print(With(setting)).Hex);

    [Fact]
    public void Model_data_and_ids_are_in_the_fingerprint_and_addresses_are_not()
    {
        var run = Read($"{Minimal}, {Glyphs}");
        Assert.Equal(["model.width"],
            With($$"""{{Minimal}}, "model": {"kind": "mlp", "width": 8}, "data": {"kind": "glyphs"}"""));
        Assert.Equal(["data.size"], With($$"""{{Minimal}}, "model": {"kind": "mlp"}, "data": {"kind": "glyphs", "size": 32}"""));
        Assert.Equal(["peers"], With($"{Minimal.Replace("\"b\"", "\"c\"")}, {Glyphs}"));
        Assert.Empty(With($"{Minimal.Replace("8000", "9000").Replace("127.0.0.1", "127.0.0.2")}, {Glyphs}"));
        Assert.Equal(["model.parameters"], Fields(run.Fingerprint(1, 999, [1, 2, 3])));
        Assert.Equal(["data.digest"], Fields(run.Fingerprint(1, 1000, [1, 2, 4])));
        Assert.Equal(["protocol"], Fields(run.Fingerprint(2, 1000, [1, 2, 3])));

        string[] With(string json) => Fields(Print(Read(json)));
        string[] Fields(Fingerprint other) => [.. Print(run).Differences(other.Fields).Select(difference => difference.Field)];
    }

    [Fact]
    public void Every_model_and_every_data_kind_is_read()
    {
        RunConfig Of(string model, string data) => Read($$"""{{Minimal}}, "model": {{{model}}}, "data": {{{data}}}""");
        const string cifar = "\"kind\": \"cifar10\", \"path\": \"x\", \"augment\": true";
        Assert.Equal(new VitSettings(Patch: 8, Width: 64, Depth: 2, Heads: 4),
            Of("\"kind\": \"vit\", \"patch\": 8, \"width\": 64, \"depth\": 2, \"heads\": 4", cifar).Model);
        Assert.Equal(
            new ConvNetSettings(Width: 32, Depth: 2), Of("\"kind\": \"convnet\", \"width\": 32, \"depth\": 2", cifar).Model);
        Assert.Equal(new DataSettings("cifar10", "/etc/run/x", Augment: true, Seed: 1), Of("\"kind\": \"mlp\"", cifar).Data);
        var gpt = Of("\"kind\": \"gpt\", \"context\": 64", "\"kind\": \"tokens\", \"path\": \"/abs/x.bin\", \"vocabulary\": 300");
        Assert.Equal(new GptSettings(Context: 64), gpt.Model);
        Assert.Equal(new DataSettings("tokens", "/abs/x.bin", Context: 64, Vocabulary: 300, Seed: 1), gpt.Data);
        foreach (var kind in DataSection.Kinds)
            Assert.Equal(kind, Of(kind is "text" or "tokens" ? "\"kind\": \"gpt\"" : "\"kind\": \"mlp\"",
                $"\"kind\": \"{kind}\"" + (kind == "glyphs" ? "" : ", \"path\": \"p\"")).Data.Kind);
    }

    [Fact]
    public void The_partition_is_shared_and_leaves_local_data_to_each_host()
    {
        RunConfig Of(string data) => Read($$"""{{Minimal}}, "model": {"kind": "mlp"}, "data": {"kind": {{data}}}""");
        Assert.Equal(Partition.Dirichlet(0.5),
            Of("\"mnist\", \"path\": \"p\", \"partition\": \"dirichlet(0.50)\"").Data.Partition);
        Assert.Equal(new FingerprintDifference("data.partition", "iid", "dirichlet(0.5)"),
            Print(Of("\"glyphs\"")).Differences(Print(Of("\"glyphs\", \"partition\": \"dirichlet(0.5)\"")).Fields)[0]);
        Assert.Equal(new FingerprintDifference("data.partition", "by-class", "local"),
            Print(Of("\"glyphs\", \"partition\": \"by-class\"")).Differences(Local("\"glyphs\"").Fields)[0]);

        var local = Local("\"glyphs\"");
        Assert.Empty(local.Differences(Local("\"glyphs\", \"seed\": 2, \"trainCount\": 9, \"testCount\": 9").Fields));
        Assert.Equal(["data.kind", "data.partition", "data.size", "data.shape", "data.classes"],
            local.Fields.Select(setting => setting.Name).Where(field => field.StartsWith("data.", StringComparison.Ordinal)));
        Assert.Equal("data.size", local.Differences(Local("\"glyphs\", \"size\": 32").Fields)[0].Field);

        Fingerprint Local(string data) =>
            Of($"{data}, \"partition\": \"local\"").Fingerprint(1, 1000, new EmptyDataset([1, 28, 28], 10));
    }

    [Fact]
    public void The_hosts_own_path_goes_before_the_files()
    {
        const string json = Minimal + """, "model": {"kind": "mlp"}, "data": {"kind": "mnist", "path": "p"}""";
        Assert.Equal("/etc/run/p", Read(json).Data.Path);
        Assert.Equal("/data/m", Read(json, "/data/m").Data.Path);
        Assert.Equal(Print(Read(json)).Hex, Print(Read(json, "/data/m")).Hex);
    }

    [Theory]
    [InlineData("\"run\": \"../x\"", "run: found \"../x\"; allowed are")]
    [InlineData("\"run\": \".x\"", "run: found \".x\"; allowed are")]
    [InlineData("\"weightDecayOf\": \"norms\"", "weightDecayOf: found \"norms\"; allowed is one of \"all\", \"matrices\"")]
    [InlineData("\"weightDecayOf\": \"matrices\", \"theory\": true", "theory: found true with weightDecayOf matrices")]
    [InlineData("\"warmup\": 101", "warmup: found 101; allowed is at most steps, which is 100")]
    [InlineData("\"weightDecay\": 1000", "weightDecay: found 1000; allowed is less than 1/learningRate = 1000")]
    [InlineData("\"ties\": \"coin\"", "ties: found \"coin\"; allowed is one of \"previous\", \"zero\", \"hash\"")]
    [InlineData("\"method\": \"adam\"", "method: found \"adam\"; allowed is one of \"mavo\", \"avg\"")]
    [InlineData("\"exchange\": 1", "exchange: found 1; allowed is one of \"auto\", \"ring\", \"direct\"")]
    [InlineData("\"learningRate\": 0", "learningRate: found 0; allowed is a number above 0 to 1")]
    [InlineData("\"beta1\": 1", "beta1: found 1; allowed is a number from 0 and below 1")]
    [InlineData("\"batch\": 0", "batch: found 0; allowed is a whole number from 1 to 1000000")]
    [InlineData("\"globalBatch\": 0", "globalBatch: found 0; allowed is a whole number from 1 to 1000000")]
    [InlineData("\"globalBatch\": null", "globalBatch: found null; allowed is a whole number from 1 to 1000000")]
    [InlineData("\"globalBatch\": 64, \"batch\": 32",
        "globalBatch: found 64 together with batch, which is 32; allowed is one of the two: batch counts")]
    [InlineData("\"evalEvery\": 1", "evalEvery: unknown field")]
    [InlineData("\"giveUpAfter\": 30", "giveUpAfter: unknown field")]
    [InlineData("\"minPeers\": 0", "minPeers: found 0; allowed is a whole number from 1 to 256")]
    [InlineData("\"minPeers\": 3", "minPeers: found 3; allowed is a whole number from 1 to 2, the number of peers: with fewer "
        + "members than minPeers no step is made")]
    [InlineData("\"suspectAfter\": 0.4", "suspectAfter: found 0.4; allowed is a number from 0.5 to 3600")]
    [InlineData("\"deadline\": \"on\"", "deadline: found \"on\"; allowed is one of \"adaptive\", \"off\"")]
    public void A_wrong_setting_is_named(string setting, string message)
    {
        var name = setting[1..setting.IndexOf('"', 1)];
        var rest = name switch
        {
            "run" => Minimal.Replace("\"run\": \"r\",", ""),
            "learningRate" => Minimal.Replace("\"learningRate\": 0.001,", ""),
            _ => Minimal,
        };
        Assert.Contains(message, Error($"{setting}, {rest}, {Glyphs}"));
    }

    [Theory]
    [InlineData(
        "\"kind\": \"mlpp\"", "\"kind\": \"glyphs\"",
            "model.kind: found \"mlpp\"; allowed is one of \"mlp\", \"convnet\", \"vit\", \"gpt\"")]
    [InlineData("\"kind\": \"mlp\", \"heads\": 2", "\"kind\": \"glyphs\"", "model.heads: unknown field")]
    [InlineData(
        "\"kind\": \"mlp\"", "\"kind\": \"cifar\"", "data.kind: found \"cifar\"; allowed is one of \"glyphs\", \"cifar10\"")]
    [InlineData(
        "\"kind\": \"mlp\"", "\"kind\": \"mnist\"", "data.path: missing; data of kind \"mnist\" needs a path here or --data")]
    [InlineData(
        "\"kind\": \"mlp\"", "\"kind\": \"text\", \"path\": \"x\"",
            "data.kind: found \"text\" with model.kind \"mlp\"; allowed with it is glyphs")]
    [InlineData(
        "\"kind\": \"gpt\"", "\"kind\": \"glyphs\"",
            "data.kind: found \"glyphs\" with model.kind \"gpt\"; allowed with it is text or tokens")]
    [InlineData("\"kind\": \"mlp\"", "\"kind\": \"glyphs\", \"path\": \"x\"", "data.path: unknown field")]
    [InlineData(
        "\"kind\": \"mlp\"", "\"kind\": \"glyphs\", \"size\": 3", "data.size: found 3; allowed is a whole number from 16 to 128")]
    [InlineData("\"kind\": \"mlp\"", "\"kind\": \"glyphs\", \"partition\": \"dirichlet(0)\"",
        "data.partition: found \"dirichlet(0)\"; allowed is \"iid\", \"by-class\", \"local\" or \"dirichlet(α)\" with α from "
            + "0.001 to 1000000")]
    [InlineData("\"kind\": \"mlp\"", "\"kind\": \"glyphs\", \"partition\": 1", "data.partition: found 1; allowed is a text")]
    [InlineData("\"kind\": \"gpt\"", "\"kind\": \"text\", \"path\": \"p\", \"partition\": \"by-class\"",
        "data.partition: found \"by-class\", which goes by classes, with data of kind \"text\", which have none; allowed is "
            + "\"iid\" or \"local\"")]
    public void A_wrong_model_or_data_is_named(string model, string data, string message) =>
        Assert.Contains(message, Error($$"""{{Minimal}}, "model": {{{model}}}, "data": {{{data}}}"""));

    [Theory]
    [InlineData("run")]
    [InlineData("steps")]
    [InlineData("learningRate")]
    public void What_is_required_is_missed(string name)
    {
        var start = Minimal.IndexOf($"\"{name}\"", StringComparison.Ordinal);
        var end = Minimal.IndexOf(',', start);
        Assert.Contains($"{name}: missing; required is", Error($"{Minimal.Remove(start, end - start + 1)}, {Glyphs}"));
    }

    [Theory]
    [InlineData("", 2, 0.2, true)]
    [InlineData("\"suspectAfter\": 0.5, \"deadline\": \"off\",", 0.5, 0.1, false)]
    [InlineData("\"suspectAfter\": 3600,", 3600, 0.2, true)]
    public void The_ring_waits_as_long_as_is_said(string settings, double suspect, double heartbeat, bool abstain)
    {
        var timings = RingSession.TimingsOf(
            RingConfig.Read(SettingsReader.Parse($"{{{settings} {Minimal}, {Glyphs}}}", "p"), "p"));
        Assert.Equal((suspect, heartbeat, abstain),
            (timings.SuspicionTimeout.TotalSeconds, timings.HeartbeatInterval.TotalSeconds, timings.UseStragglerDeadline));
        timings.Validate();
    }

    /// <summary>The ring and the training read one file: what one of them does not know, the other must.</summary>
    [Fact]
    public void Every_field_of_peers_json_is_the_rings_or_the_trainings()
    {
        var all = Known(() => Read($"{Minimal}, {Glyphs}, \"unheardOf\": 1"));
        var ofRing = Known(() =>
        {
            var root = SettingsReader.Parse($"{{{Minimal}, \"unheardOf\": 1}}", "p");
            RingConfig.Read(root, "p");
            root.Finish();
        });
        Assert.Empty(all.Except(ofRing).Except(RunConfig.TrainingFields));
        Assert.Empty(RunConfig.TrainingFields.Except(all));

        static string[] Known(Action read) =>
            Assert.Throws<SettingsException>(read).Message.Split("Known here: ")[1].Split(", ");
    }

    [Fact]
    public void The_demos_file_is_sound()
    {
        var run = RunConfig.Read(Path.Combine(Repository.Root, "peers.json"));
        Assert.Equal(["a", "b", "c", "d"], run.Roster.Peers.Select(p => p.Id));
        Assert.True(run.Roster.IsLocal);
        run.Model.Validate([1, 28, 28], 10);
    }

    [Fact]
    public void Files_that_are_not_there_are_named_with_the_flag_that_says_where_they_are()
    {
        Assert.Equal("nowhere/peers.json: there is no such file; --peers FILE says where it is",
            Assert.Throws<SettingsException>(() => RunConfig.Read("nowhere/peers.json")).Message);
        var run = Read($$"""{{Minimal}}, "model": {"kind": "mlp"}, "data": {"kind": "mnist", "path": "nowhere/mnist"}""");
        Assert.Matches("^data.path: .*nowhere/mnist does not exist; allowed is where the mnist data lie on this host: --data "
            + "PATH says it, or data.path in ",
            Assert.Throws<DataException>(() => run.OpenData()).Message);
    }

    [Fact]
    public void A_network_and_weights_in_files_lie_relative_to_peers_json()
    {
        var run = Read($$"""
            {{Minimal}}, "model": {"kind": "torchscript", "path": "nets/net.pt", "context": 64, "start": "../w.safetensors",
            "startPrefix": {"module.": "", "encoder.": "backbone."} }, "data": {"kind": "tokens", "path": "t"}
            """);
        Assert.Equal(new TorchScriptSettings("/etc/run/nets/net.pt", 64), run.Model);
        Assert.Equal(64, run.Data.Context);
        Assert.Equal("/etc/w.safetensors", run.Start!.Path);
        Assert.Equal(new Dictionary<string, string> { ["module."] = "", ["encoder."] = "backbone." }, run.Start.Prefix);
        Assert.Null(Read($"{Minimal}, {Glyphs}").Start);
    }

    [Theory]
    [InlineData("""{"kind": "torchscript"}""", "glyphs", "model.path: missing; required is a text")]
    [InlineData("""{"kind": "torchscript", "path": "a\u0000b"}""", "glyphs", "model.path: found a text with a zero character")]
    [InlineData("""{"kind": "torchscript", "path": "n.pt", "context": 8}""", "glyphs", "data.kind: found \"glyphs\" with "
        + "model.kind \"torchscript\" and model.context; allowed with it is text or tokens")]
    [InlineData("""{"kind": "torchscript", "path": "n.pt"}""", "text", "data.kind: found \"text\" with model.kind "
        + "\"torchscript\" and no model.context; allowed with it is glyphs, cifar10, mnist or fashion, or with a context, the "
        + "number of tokens in a sample")]
    [InlineData("""{"kind": "torchscript", "path": "n.pt", "width": 8}""", "glyphs", "model.width: unknown field")]
    [InlineData("""{"kind": "mlp", "start": ""}""", "glyphs", "model.start: found \"\"; allowed is a text in quotes, not empty")]
    [InlineData("""{"kind": "mlp", "startPrefix": {"a": "b"}}""", "glyphs", "model.startPrefix: found without start")]
    [InlineData("""{"kind": "mlp", "start": "w", "startPrefix": {}}""", "glyphs", "model.startPrefix: found an empty object")]
    [InlineData("""{"kind": "mlp", "start": "w", "startPrefix": {"a": 1}}""", "glyphs", "model.startPrefix.a: found 1; allowed "
        + "is a text in quotes")]
    public void What_is_wrong_with_files_of_the_model_is_named(string model, string data, string message) =>
        Assert.Contains(message, Error($$"""{{Minimal}}, "model": {{model}}, "data": {"kind": "{{data}}"}"""));

    [Fact]
    public void Keys_that_are_not_used_are_known()
    {
        using var key = PeerKeyPair.Create();
        Assert.False(Read($"{Minimal}, {Glyphs}").Roster.IgnoresKeys());
        Assert.True(Read($"{Minimal.Replace("\"id\": \"a\"", $"\"id\": \"a\", \"key\": \"{key.Public}\"")}, {Glyphs}")
            .Roster.IgnoresKeys());
    }

    [Theory]
    [InlineData("""{"peers": [{"id": "a"}, {"id": "west"}]}""", "weest",
        "p.json has no peer \"weest\"; it has a, west (did you mean west?)")]
    [InlineData("""{"peers": [{"id": "a"}, {"id": "west"}]}""", "a", null)]
    [InlineData("""{"run": "r"}""", "a", null)]
    [InlineData("nothing", "a", null)]
    [InlineData(null, "a", null)]
    public void An_id_that_a_roster_lacks_is_told_also_when_the_file_is_not_finished(string? json, string id, string? expected)
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("p.json");
        if (json is not null)
            File.WriteAllText(file, json);
        Assert.Equal(expected is null ? null : Path.Combine(folder.Path, expected), RosterIds.Missing(file, id));
    }
}
