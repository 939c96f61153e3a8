using System.Globalization;
using System.Text.RegularExpressions;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Integration.Tests;

/// <summary>Tests of the commands that use trained weights, and of their messages when something needed is not there.</summary>
public partial class ModelCommandTests
{
    [Fact]
    public async Task Evaluate_measures_the_last_checkpoint()
    {
        using var place = new TestCluster(2, """
            { "steps": 150, "batch": 16, "learningRate": 0.003, "model": { "kind": "mlp", "width": 32, "depth": 1 } }
            """, pooled: true);
        await place.Train();
        var evaluate = place.Program("evaluate", ["evaluate", "--peers", place.PeersFile, "--checkpoint", place.In("out")]);
        await evaluate.Exits(0);
        Assert.Contains("step-00000150.safetensors", evaluate.Text);
        Assert.Contains("samples        100", evaluate.Text);
        // Ten digits: guessing gets a tenth.
        var accuracy = double.Parse(Accuracy().Match(evaluate.Text).Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.InRange(accuracy, 20, 100);
        var ended = place.Metrics("a").OfType<Evaluated>().Last();
        Assert.Equal(accuracy, Math.Round(ended.Accuracy * 100, 1), 0.05);

        // The same file is no other model's.
        var other = place.Settings.DeepClone();
        other["model"]!["width"] = 33;
        var wrong = place.Program("evaluate",
            ["evaluate", "--peers", place.Write("other.json", other), "--checkpoint", place.In("out")]);
        await wrong.Exits(2);
        Assert.Contains("expected F32 [33, 256]", wrong.Text);
    }

    [Fact]
    public async Task Generate_writes_what_the_text_taught()
    {
        using var place = new TestCluster(2, """
            { "steps": 150, "batch": 16, "learningRate": 0.003, "weightDecay": 0,
              "model": { "kind": "gpt", "context": 16, "width": 32, "depth": 1, "heads": 2 },
              "data": { "kind": "text", "path": "text.txt" } }
            """, pooled: true);
        File.WriteAllText(place.In("text.txt"), string.Concat(Enumerable.Repeat("abcdefgh", 1000)));
        await place.Train();
        var generate = place.Program("generate", ["generate", "--peers", place.PeersFile, "--checkpoint", place.In("out"),
            "--prompt", "abcd", "--tokens", "12", "--temperature", "0"]);
        await generate.Exits(0);
        Assert.Equal("abcdefghabcdefgh", generate.Text.Trim());
    }

    [Fact]
    public async Task A_text_is_tokenized_trained_on_and_written_in_GPT_2_s_tokens()
    {
        using var place = new TestCluster(2, $$"""
            { "steps": 120, "batch": 8, "learningRate": 0.003, "weightDecay": 0, {{TestCluster.AllVote}},
              "model": { "kind": "gpt", "context": 8, "width": 32, "depth": 1, "heads": 2 },
              "data": { "kind": "tokens", "path": "tokens" } }
            """, pooled: true);
        File.WriteAllText(place.In("text.txt"), string.Concat(Enumerable.Repeat("one two three four\n", 300)));
        var tokenize = place.Program("tokenize", ["tokenize", place.In("text.txt"), place.In("tokens")]);
        await tokenize.Exits(0);
        Assert.Contains("train.bin", tokenize.Text);
        await place.Train();
        var generate = place.Program("generate", ["generate", "--peers", place.PeersFile, "--checkpoint", place.In("out"),
            "--prompt", "one two", "--tokens", "6", "--temperature", "0"]);
        await generate.Exits(0);
        // Every token that it writes is one that the text taught, of the 50,257 that there are.
        Assert.Matches(@"^one two( ?(one|two|three|four)|\n){6}\n?$", generate.Text);

        var other = place.Settings.DeepClone();
        other["data"]!["vocabulary"] = 50256;
        var wrong = place.Program("generate", ["generate", "--peers", place.Write("other.json", other),
            "--checkpoint", place.In("out")]);
        await wrong.Exits(2);
    }

    [Fact]
    public async Task What_is_missing_or_wrong_is_named()
    {
        using var place = new TestCluster(2, pooled: true);
        await Refused(place, """{ "data": { "kind": "cifar10", "path": "nowhere" }, "model": { "kind": "vit" } }""",
            "nowhere does not exist", "--data PATH says it");
        Directory.CreateDirectory(place.In("cifar"));
        File.WriteAllBytes(place.In("cifar", "data_batch_1.bin"), new byte[3073 * 2 - 1]);
        File.WriteAllBytes(place.In("cifar", "test_batch.bin"), new byte[3073]);
        await Refused(place, """{ "data": { "kind": "cifar10", "path": "cifar" }, "model": { "kind": "vit" } }""",
            "data_batch_1.bin", "3073");
        await Refused(place, """{ "model": { "kind": "convnot" } }""", "model.kind: found \"convnot\"", "mlp", "convnet",
            "vit", "gpt");
        await Refused(place, """{ "suspectAfter": 0.4 }""", "suspectAfter", "0.4", "0.5");
        Directory.CreateDirectory(place.In("out"));
        var none = place.Program("evaluate", ["evaluate", "--peers", place.PeersFile, "--checkpoint", place.In("out")]);
        await none.Exits(2);
        Assert.Contains("in which there is no step-*.safetensors", none.Text);
    }

    static async Task Refused(TestCluster place, string change, params string[] said)
    {
        var settings = place.Settings.DeepClone();
        foreach (var (field, value) in System.Text.Json.Nodes.JsonNode.Parse(change)!.AsObject())
            settings[field] = value?.DeepClone();
        var run = place.Program("a",
            ["run", "--peers", place.Write("wrong.json", settings), "--id", "a", "--out", place.In("wrong")]);
        await run.Exits(2);
        Assert.All(said, text => Assert.Contains(text, run.Text));
        Assert.DoesNotContain("   at ", run.Text);
    }

    [GeneratedRegex(@"test accuracy +([0-9.]+) %")]
    private static partial Regex Accuracy();
}
