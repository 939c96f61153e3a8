using System.Text.Json;
using System.Text.Json.Serialization;
using DecentralizedLion.Peer.Checkpoints;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>A folder with one file a finished run: who starts again does only what is missing.</summary>
/// <param name="folder">The folder.</param>
/// <param name="tell">Takes a line for each file that cannot be read.</param>
sealed class ResultStore(string folder, Action<string>? tell = null)
{
    static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        WriteIndented = true,
    };

    /// <summary>The result of a run with the very same settings; null when there is none. A file that is torn or damaged counts
    /// as none, so that one bad file does not cost a night of runs.</summary>
    public RunResult? Find(RunSpec run)
    {
        if (!File.Exists(PathOf(run)))
            return null;
        try
        {
            var stored = JsonSerializer.Deserialize<Stored>(File.ReadAllText(PathOf(run)), Options);
            return run.Matches(stored!.Said) ? Whole(stored.Result, run) : null;
        }
        catch (Exception e)
            when (e is JsonException or NullReferenceException or InvalidOperationException or ArgumentException
                or FormatException)
        {
            tell?.Invoke($"{PathOf(run)}: is not a whole result; the run counts as missing");
            return null;
        }
    }

    /// <summary>Keeps a result, whole or not at all.</summary>
    public void Keep(RunSpec run, RunResult result)
    {
        Directory.CreateDirectory(folder);
        using var file = new AtomicFile(PathOf(run));
        file.Write(JsonSerializer.SerializeToUtf8Bytes(new Stored(run.Settings, result), Options));
        file.Commit();
    }

    static RunResult Whole(RunResult result, RunSpec run) =>
        result.Series == run.Series && result.Workers == run.Workers && result.Seed == run.Training.Seed
        && (float)result.LearningRate == run.Training.LearningRate
        && result.Points.Count > 0 && !result.Points.Contains(null!) ? result : throw new JsonException("of another run");

    string PathOf(RunSpec run) => Path.Combine(folder, $"{run.Key}.json");

    sealed record Stored(string Said, RunResult Result);
}
