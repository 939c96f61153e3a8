namespace DecentralizedLion.Topology.Transport;

/// <summary>The listener's answer to a preamble, one byte.</summary>
enum PreambleAnswer : byte
{
    /// <summary>Frames may follow.</summary>
    Welcome = 1,

    /// <summary>The roster has no peer with the dialler's key.</summary>
    KeyUnknown = 2,

    /// <summary>The preamble is of another version.</summary>
    OtherVersion = 3,
}
