using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Configuration;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>One run of a comparison.</summary>
/// <param name="Series">What it is a part of: the method, or another name for it with its options.</param>
/// <param name="Workers">N.</param>
/// <param name="Training">Its settings; the seed and the learning rate among them.</param>
/// <param name="Partition">Whose samples are whose.</param>
/// <param name="Settings">All that the file says of it: a result of something else is not taken for its own.</param>
sealed record RunSpec(string Series, int Workers, TrainingSettings Training, Partition Partition, string Settings)
{
    /// <summary>The samples of each worker in a mini-batch; empty: all take the same.</summary>
    public IReadOnlyList<int> Batches { get; init; } = [];

    /// <summary>Ballots count as many votes as the batches say; false: one each.</summary>
    public bool IsWeighted { get; init; } = true;

    /// <summary>The samples of all workers in a step.</summary>
    public long SamplesPerStep => Training.Accumulate * (long)Training.LocalSteps
        * (Batches.Count == 0 ? (long)Workers * Training.Batch : Batches.Sum(batch => (long)batch));

    /// <summary>Names the run in the folder of results; runs of other settings have other names, so that none replaces
    /// another's result.</summary>
    public string Key => FormattableString.Invariant(
        $"{Series}-n{Workers}-s{Training.Seed}-lr{(float)Training.LearningRate}-{Digest()}");

    /// <summary>True when another text says the same. A learning rate is a 32-bit number, however many digits a text has of it:
    /// the best one of a grid comes back from a result, as that number.</summary>
    /// <exception cref="Exception">The text is not what this writes; of several types.</exception>
    public bool Matches(string other) => JsonNode.DeepEquals(Rounded(other), Rounded(Settings));

    static JsonObject Rounded(string said)
    {
        var tree = JsonNode.Parse(said)!.AsObject();
        tree["learningRate"] = (float)tree["learningRate"]!.GetValue<double>();
        return tree;
    }

    /// <summary>The first 32 bits of the settings' SHA-256, as hexadecimal digits.</summary>
    string Digest() => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(Sorted(Rounded(Settings))!.ToJsonString())).AsSpan(0, 4));

    /// <summary>The same with the fields of each object by name and numbers in one spelling: a file's order and 0.10 mean
    /// nothing.</summary>
    static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject tree => new JsonObject(tree.OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => KeyValuePair.Create(field.Key, Sorted(field.Value)))),
        JsonValue value when value.GetValueKind() == JsonValueKind.Number && !value.TryGetValue<ulong>(out _)
            && value.TryGetValue<double>(out var number) => JsonValue.Create(number),
        _ => node?.DeepClone(),
    };
}
