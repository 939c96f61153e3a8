using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Cli.Init;

/// <summary>The text of a peers.json: one field a line, one peer a line.</summary>
static class PeersFile
{
    static readonly JsonSerializerOptions plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    static readonly string[] ofPeers = ["peers", "insecure", "anyoneOnTheNetworkMayReadAndForgeTheTraining"];

    /// <summary>Puts a file together.</summary>
    /// <param name="fields">The names and JSON texts of all fields but the peers'.</param>
    /// <param name="peers">The peers.</param>
    /// <param name="keys">Their public keys, or what stands in their places; null for insecure links.</param>
    public static string Write(IReadOnlyList<(string Name, string Json)> fields, IReadOnlyList<HostEntry> peers,
        IReadOnlyList<string>? keys)
    {
        var text = new StringBuilder("{\n");
        foreach (var (name, json) in fields)
            text.Append($"  {Quoted(name)}: {json},\n");
        if (keys is null)
            text.Append("  \"insecure\": true,\n");
        text.Append("  \"peers\": [\n");
        for (var i = 0; i < peers.Count; i++)
            text.Append($"    {{ \"id\": {Quoted(peers[i].Id)}, \"address\": {Quoted(peers[i].Address)}, ")
                .Append($"\"port\": {peers[i].Port}")
                .Append(keys is null ? " }" : $", \"key\": {Quoted(keys[i])} }}").Append(i + 1 < peers.Count ? ",\n" : "\n");
        return text.Append("  ]\n}\n").ToString();
    }

    /// <summary>All fields of another peers.json but those of its peers.</summary>
    /// <exception cref="SettingsException">It cannot be read.</exception>
    public static IReadOnlyList<(string Name, string Json)> FieldsOf(string file) =>
        [.. SettingsReader.Open(file).Values.Where(field => !ofPeers.Contains(field.Key, StringComparer.Ordinal))
            .Select(field => (field.Key, field.Value.GetRawText()))];

    /// <summary>A text in JSON.</summary>
    public static string Quoted(string text) => JsonSerializer.Serialize(text, plain);
}
