namespace DecentralizedLion.Peer.Cli.Options;

/// <summary>Reads the value of an option; false when it is not allowed.</summary>
delegate bool ValueParser<T>(string text, out T value);
