namespace DecentralizedLion.Peer.Cli.Keygen;

/// <summary>The keys that were made; no secret is in it.</summary>
sealed record KeygenReport(IReadOnlyList<MadeKey> Keys)
{
    /// <summary>Writes it for people.</summary>
    public void Write(TextWriter output)
    {
        foreach (var made in Keys)
        {
            output.WriteLine($"{made.File}: the secret key of {made.Id}. It stays on that peer's host, readable by nobody else.");
            output.WriteLine($"Into the entry of {made.Id} in peers.json, on all hosts:");
            output.WriteLine($"  \"key\": \"{made.Key}\"");
        }
    }
}
