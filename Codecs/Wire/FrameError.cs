namespace DecentralizedLion.Codecs.Wire;

/// <summary>Why an envelope was not believed.</summary>
enum FrameError
{
    /// <summary>It was: the header is valid.</summary>
    None,

    /// <summary>The bytes end before the envelope does.</summary>
    Truncated,

    /// <summary>The protocol version is not <see cref="FrameHeader.ProtocolVersion"/>.</summary>
    WrongVersion,

    /// <summary>Not the array of fields that the protocol says: a wrong MessagePack type, count or length.</summary>
    Malformed,

    /// <summary>A field is outside its bounds, the kind unknown, or the voters not strictly ascending.</summary>
    OutOfRange,

    /// <summary>Bytes follow the envelope.</summary>
    TrailingBytes,
}
