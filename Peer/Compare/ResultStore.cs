using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using DecentralizedLion.Peer.Checkpoints;

namespace DecentralizedLion.Peer.Compare;

/// <summary>A folder with one file a finished run: who starts again does only what is missing.</summary>
/// <param name="folder">The folder.</param>
/// <param name="tell">Takes a line for each file that cannot be read.</param>
public sealed class ResultStore(string folder, Action<string>? tell = null)
{
    static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        WriteIndented = true,
    };

    /// <summary>The result of a run with the very same settings; null when there is none. A file that is torn or damaged counts as
    /// none, so that one bad file does not cost a night of runs.</summary>
    public RunResult? Find(RunSpec run)
    {
        if (!File.Exists(PathOf(run)))
            return null;
        var (stored, why) = Read(PathOf(run));
        if (why is not null)
            tell?.Invoke($"{PathOf(run)}: {why}; the run counts as missing");
        return stored is not null && run.IsSaidBy(stored.Said) ? stored.Result : null;
    }

    /// <summary>Keeps a result, whole or not at all.</summary>
    public void Keep(RunSpec run, RunResult result)
    {
        Directory.CreateDirectory(folder);
        using var file = new AtomicFile(PathOf(run));
        file.Write(JsonSerializer.SerializeToUtf8Bytes(new Stored(run.Said, result), Options));
        file.Commit();
    }

    static (Stored? Stored, string? Why) Read(string path)
    {
        try
        {
            var stored = JsonSerializer.Deserialize<Stored>(File.ReadAllText(path), Options);
            return stored is { Said: not null, Result: { Series: not null, Points.Count: > 0 } } && JsonNode.Parse(stored.Said) is JsonObject ? (stored, null) : (null, "is not a whole result");
        }
        catch (JsonException e)
        {
            return (null, $"cannot be read ({e.Message})");
        }
    }

    string PathOf(RunSpec run) => Path.Combine(folder, $"{run.Key}.json");

    sealed record Stored(string Said, RunResult Result);
}
