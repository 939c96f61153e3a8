using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Configuration;

/// <summary>The ids in a peers.json that need not be finished: keys are made before they can be in it.</summary>
static class RosterIds
{
    /// <summary>A sentence for an id that a peers.json lacks; null when it has it, or has no list of peers that can be
    /// read.</summary>
    public static string? Missing(string path, string id)
    {
        try
        {
            if (!File.Exists(path))
                return null;
            string[] ids = [.. SettingsReader.Open(path).List("peers", 1, Roster.MaxPeers).Select(peer => peer.Text("id"))];
            return ids.Contains(id, StringComparer.Ordinal) ? null
                : $"{path} has no peer \"{SafeText.Text(id)}\"; it has {SafeText.Text(string.Join(", ", ids))}"
                    + (NameSuggestion.Nearest(id, ids) is { } nearest ? $" (did you mean {SafeText.Text(nearest)}?)" : "");
        }
        catch (SettingsException)
        {
            return null; // whoever runs it says what is wrong
        }
    }
}
