using System.Text.Json;
using System.Text.Json.Serialization;
using DecentralizedLion.Peer.Checkpoints;

namespace DecentralizedLion.Peer.Compare;

/// <summary>A folder with one file a finished run: who starts again does only what is missing.</summary>
/// <param name="folder">The folder.</param>
public sealed class ResultStore(string folder)
{
    static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        WriteIndented = true,
    };

    /// <summary>The result of a run with the very same settings; null when there is none.</summary>
    public RunResult? Find(RunSpec run)
    {
        if (!File.Exists(PathOf(run)))
            return null;
        var stored = JsonSerializer.Deserialize<Stored>(File.ReadAllText(PathOf(run)), Options);
        return stored?.Said == run.Said ? stored.Result : null;
    }

    /// <summary>Keeps a result, whole or not at all.</summary>
    public void Keep(RunSpec run, RunResult result)
    {
        Directory.CreateDirectory(folder);
        using var file = new AtomicFile(PathOf(run));
        file.Write(JsonSerializer.SerializeToUtf8Bytes(new Stored(run.Said, result), Options));
        file.Commit();
    }

    string PathOf(RunSpec run) => Path.Combine(folder, $"{run.Key}.json");

    sealed record Stored(string Said, RunResult Result);
}
