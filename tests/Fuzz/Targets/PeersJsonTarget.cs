using System.Text;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Fuzz.Targets;

/// <summary>peers.json with all its sections.</summary>
sealed class PeersJsonTarget : Target
{
    const string Start = """
        {
          // a comment
          "run": "demo", "seed": 1, "steps": 1000, "batch": 32, "learningRate": 0.0003, "weightDecay": 0.1,
          "beta1": 0.9, "beta2": 0.99,
          "warmup": 10, "finalLearningRate": 0.1, "method": "mavo", "ties": "previous", "exchange": "ring", "evaluateEvery": 100,
          "evaluateSamples": 1000, "checkpointEvery": 200, "nonFiniteLimit": 10, "deadline": "adaptive", "suspectAfter": 2,
          "insecure": true, "anyoneOnTheNetworkMayReadAndForgeTheTraining": true,
        """;

    public override string Name => "peers.json";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Good("""{"kind": "mlp", "width": 64, "depth": 2}""",
            """{"kind": "glyphs", "seed": 1, "size": 28, "trainCount": 600, "testCount": 100}"""),
        Good("""{"kind": "convnet", "width": 8, "depth": 2}""", """{"kind": "cifar10", "path": "data", "augment": true}"""),
        Good("""{"kind": "vit", "patch": 4, "width": 64, "depth": 2, "heads": 2}""", """{"kind": "mnist", "path": "."}"""),
        Good("""{"kind": "gpt", "context": 64, "width": 64, "depth": 2, "heads": 2}""", """{"kind": "text", "path": "a.txt"}"""),
        Good("""{"kind": "gpt"}""", """{"kind": "tokens", "path": "train.bin", "vocabulary": 50257}"""),
    ];

    public override bool IsText => true;

    // Every error shows what was found and what is known; every pair of peers is compared.
    public override long MostAllocated(int length) => (512 << 10) + 512L * length;

    public override string Run(ReadOnlyMemory<byte> input)
    {
        // As a file is read: with what its first bytes say of its encoding.
        using var reader = new StreamReader(new MemoryStream(input.ToArray()), Encoding.UTF8,
            detectEncodingFromByteOrderMarks: true);
        try
        {
            RunConfig run = RunConfig.Read(SettingsReader.Parse(reader.ReadToEnd(), "peers.json"), "peers.json", null);
            Fingerprint print = run.Fingerprint(1, 1000, [1, 2, 3]);
            Must(run.Roster.Count is >= 2 and <= Roster.MaxPeers && print.Differences(print.Fields).Count == 0,
                "a roster or a fingerprint out of line");
            return Accepted;
        }
        catch (SettingsException e)
        {
            Must(e.Message.Length < 20_000, $"an error of {e.Message.Length} characters");
            return e.Message.Contains("not JSON", StringComparison.Ordinal) ? "not JSON" : "refused";
        }
    }

    static byte[] Good(string model, string data) => Encoding.UTF8.GetBytes(Start + $$"""
          "model": {{model}},
          "data": {{data}},
          "peers": [
            {"id": "a", "address": "127.0.0.1", "port": 7000},
            {"id": "b", "address": "localhost", "port": 7100},
            {"id": "c", "address": "fd00::1", "port": 7000},
            {"id": "d", "address": "host-1.example", "port": 7000},
          ],
        }
        """);
}
