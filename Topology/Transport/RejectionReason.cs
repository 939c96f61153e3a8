namespace DecentralizedLion.Topology.Transport;

/// <summary>The reason for which a connection to this peer's port was closed before any frame.</summary>
enum RejectionReason
{
    /// <summary>It did not begin a TLS handshake.</summary>
    NoTls,

    /// <summary>It began as a ZeroMQ socket without TLS does: an insecure peer.</summary>
    NotEncrypted,

    /// <summary>The handshake failed: an older version of TLS, no certificate, or broken off.</summary>
    HandshakeFailed,

    /// <summary>Its key is no other peer's.</summary>
    UnknownKey,

    /// <summary>The bytes after the handshake are not of this version of the link protocol.</summary>
    OtherVersion,

    /// <summary>It was not done in time.</summary>
    TimedOut,

    /// <summary>It gave way to newer ones: too many handshakes were under way.</summary>
    TooMany,
}
