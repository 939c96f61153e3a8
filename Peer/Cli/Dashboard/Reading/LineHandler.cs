namespace DecentralizedLion.Peer.Cli.Dashboard.Reading;

/// <summary>Takes a line of a file.</summary>
/// <param name="line">The line as UTF-8, without its end.</param>
/// <param name="offset">The line's first byte in the file.</param>
delegate void LineHandler(ReadOnlySpan<byte> line, long offset);
