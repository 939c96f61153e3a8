using DecentralizedLion.Models.Networks;
using DecentralizedLion.Peer.Configuration;

namespace DecentralizedLion.Peer.Cli.Init;

/// <summary>The fields of a new run, with defaults that fit each other.</summary>
static class InitialFields
{
    // A quarter of the steps was best, or as good, and forgives a rate that is too high (docs/optimizers.md).
    const int WarmupMax = 1000;

    /// <exception cref="UsageException">There is no such kind of model or data.</exception>
    public static IReadOnlyList<(string Name, string Json)> Of(InitOptions options)
    {
        var (model, modelPath) = Kind("--model", options.Model, NetworkFactory.Kinds);
        var (data, dataPath) = Kind("--data", options.Data, DataSection.Kinds);
        data ??= model is "gpt" ? "text" : "glyphs";
        model ??= data switch { "text" or "tokens" => "gpt", "glyphs" => "convnet", _ => "vit" };
        var steps = options.Steps == 0 ? 1000 : options.Steps;
        return
        [
            ("run", PeersFile.Quoted(options.Run ?? "train")),
            ("steps", TrainingSettings.Text(steps)),
            ("learningRate", model is "vit" ? "0.0003" : "0.001"),
            ("gradientClip", "1"),
            ("warmup", TrainingSettings.Text(Math.Min(steps / 4, WarmupMax))),
            ("model", Section(model, modelPath)),
            ("data", Section(data, dataPath)),
        ];
    }

    static (string? Kind, string? Path) Kind(string option, string? said, IReadOnlyList<string> allowed)
    {
        if (said is null)
            return (null, null);
        var colon = said.IndexOf(':', StringComparison.Ordinal);
        var (kind, path) = colon < 0 ? (said, null) : (said[..colon], said[(colon + 1)..]);
        return allowed.Contains(kind, StringComparer.Ordinal) && path is not "" ? (kind, path)
            : throw new UsageException($"{option}: found \"{said}\"; allowed is KIND or KIND:PATH with one of "
                + string.Join(", ", allowed));
    }

    static string Section(string kind, string? path) => path is null ? $"{{ \"kind\": \"{kind}\" }}"
        : $"{{ \"kind\": \"{kind}\", \"path\": {PeersFile.Quoted(path)} }}";
}
