namespace DecentralizedLion.Peer.Configuration;

/// <summary>The weights that the training starts from, where they are not random.</summary>
/// <param name="Path">The full path of a safetensors file.</param>
sealed record StartSettings(string Path)
{
    /// <summary>The beginnings of names in the file, each with what stands in its place in the network. Null: every parameter is
    /// in the file under its own name.</summary>
    public IReadOnlyDictionary<string, string>? Prefix { get; init; }
}
