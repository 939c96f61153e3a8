namespace DecentralizedLion.Peer.Tests.Telemetry;

/// <summary>The table of instruments in docs/operations.md.</summary>
static class Document
{
    /// <summary>Name, kind, unit and the attributes of each row.</summary>
    public static IReadOnlyList<(string Name, string Kind, string Unit, string Attributes)> Instruments =>
        [.. File.ReadLines(Path.Combine(Repository.Root, "docs", "operations.md"))
            .Where(line => line.StartsWith("| `decentralized_lion.", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (cells[1].Trim('`'), cells[2], cells[3].Trim('`'), cells[4]))];
}
