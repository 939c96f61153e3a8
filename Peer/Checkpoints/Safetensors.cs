namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>What reader and writer know of the format.</summary>
static class Safetensors
{
    /// <summary>The header's entry for texts; no tensor may have this name.</summary>
    public const string Metadata = "__metadata__";

    /// <summary>Our metadata key: SHA-256 of all data, in hexadecimal.</summary>
    public const string Digest = "sha256";

    /// <summary>The longest header that the format allows, in bytes.</summary>
    public const long MaxHeader = 100_000_000;
}
