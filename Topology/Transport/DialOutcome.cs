namespace DecentralizedLion.Topology.Transport;

/// <summary>The outcome of dialling another peer.</summary>
enum DialOutcome
{
    /// <summary>The connection stands, and the other side is the peer that was dialled.</summary>
    Connected,

    /// <summary>The host's name is unknown.</summary>
    NameUnknown,

    /// <summary>No name server answered.</summary>
    NameTimedOut,

    /// <summary>The host answers, but nothing listens at the port.</summary>
    Refused,

    /// <summary>No route leads to the host.</summary>
    NoRoute,

    /// <summary>Nothing came back.</summary>
    TimedOut,

    /// <summary>Something listens that is neither TLS nor ZeroMQ.</summary>
    NotAPeer,

    /// <summary>A ZeroMQ socket without TLS listens: an insecure peer, or one of an older version.</summary>
    NotEncrypted,

    /// <summary>A peer with encryption listens, and this one has none.</summary>
    Encrypted,

    /// <summary>The dialling peer itself listens there.</summary>
    Self,

    /// <summary>A key that the roster does not have.</summary>
    UnknownKey,

    /// <summary>The key of another peer of the roster.</summary>
    OtherPeer,

    /// <summary>The other side knows no peer with our key.</summary>
    OurKeyUnknown,

    /// <summary>The other side is the right peer and closed the connection before it was ready.</summary>
    Closed,

    /// <summary>The other side speaks another version of the link protocol.</summary>
    OtherVersion,

    /// <summary>This host could not dial.</summary>
    Failed,
}
