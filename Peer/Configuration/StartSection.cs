using System.Text;
using System.Text.Json;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Configuration;

/// <summary>The fields <c>start</c> and <c>startPrefix</c> of the object <c>model</c> in peers.json.</summary>
static class StartSection
{
    // A longer text would not fit into the greeting of two peers.
    const int ShownMax = 1000;

    /// <param name="model">The object <c>model</c>.</param>
    /// <param name="folder">The folder of peers.json, which a relative path is relative to.</param>
    /// <returns>Null where the training starts from the network's own initial weights.</returns>
    public static StartSettings? Read(SettingsReader model, string folder)
    {
        if (!model.Has("start"))
            return model.Has("startPrefix")
                ? throw model.Error("startPrefix", "found without start; allowed with it only") : null;
        var start = new StartSettings(FilePath.Read(model, "start", folder));
        if (!model.Has("startPrefix"))
            return start;
        var section = model.Section("startPrefix");
        var prefix = section.Present.ToDictionary(name => name, name => section.Text(name, allowEmpty: true));
        return prefix.Count > 0 ? start with { Prefix = prefix } : throw model.Error("startPrefix",
            "found an empty object; allowed are beginnings of names in the file, each with that in the network");
    }

    /// <summary>The fields that must be equal on all hosts: the file's content, not its place.</summary>
    public static IEnumerable<FingerprintField> Fields(StartSettings? start)
    {
        if (start is null)
            yield break;
        yield return new("model.start", FileDigest.Of(start.Path));
        if (start.Prefix is not { } prefix)
            yield break;
        var text = JsonSerializer.Serialize(new SortedDictionary<string, string>(prefix.ToDictionary(), StringComparer.Ordinal));
        yield return new("model.startPrefix", text.Length <= ShownMax ? text : $"{Digest.Of(Encoding.UTF8.GetBytes(text))}");
    }
}
