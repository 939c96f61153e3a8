using System.Text.Json;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>The settings as a checkpoint keeps them, and the words about a change of them.</summary>
static class SettingsChange
{
    /// <summary>The fields as a text among a checkpoint's metadata.</summary>
    internal static string Write(IReadOnlyList<FingerprintField> settings) =>
        JsonSerializer.Serialize(settings.Select(field => new[] { field.Name, field.Value }));

    /// <summary>The fields of such a text; none when it is none.</summary>
    internal static IReadOnlyList<FingerprintField> Read(string text)
    {
        try
        {
            var pairs = JsonSerializer.Deserialize<string?[]?[]>(text) ?? [];
            return [.. pairs.Select(pair => pair is [{ } name, { } value] ? new FingerprintField(name, value)
                : throw new JsonException())];
        }
        catch (JsonException)
        {
            return []; // they are there for messages only
        }
    }

    /// <summary>A sentence about the fields that changed since a checkpoint; null when none did.</summary>
    public static string? Describe(Progress checkpoint, Fingerprint present)
    {
        if (checkpoint.Fingerprint == present.Hex)
            return null;
        var begin = $"peers.json, the program or the data changed since the checkpoint of step {checkpoint.Step}: ";
        if (checkpoint.Settings.Count == 0)
            return begin + "in which fields is not known, as a version of this program wrote it that kept no settings";
        var changes = present.Differences(checkpoint.Settings);
        return begin + string.Join("; ", changes.Take(FingerprintDifference.NamedMax)
                .Select(Text))
            + (changes.Count > FingerprintDifference.NamedMax
                ? $"; and {changes.Count - FingerprintDifference.NamedMax} more" : "");
    }

    static string Text(FingerprintDifference change)
    {
        var (before, now) = FingerprintDifference.Distinguish(change.Theirs, change.Mine);
        return $"{change.Field} was {Value(before)} and is {Value(now)}";
    }

    static string Value(string? value) => value is null ? "absent" : SafeText.Text(value);
}
