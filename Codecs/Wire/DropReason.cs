namespace DecentralizedLion.Codecs.Wire;

/// <summary>The reason why an arriving frame was dropped.</summary>
enum DropReason
{
    /// <summary>The envelope is not one, is of another version or has fields out of range.</summary>
    Envelope,

    /// <summary>The run fingerprint is another run's.</summary>
    Run,

    /// <summary>The session is not the one the peer joined with.</summary>
    Session,

    /// <summary>The view is not the present one, or there is none yet.</summary>
    View,

    /// <summary>The step is older or newer than those kept.</summary>
    Step,

    /// <summary>Chunk, hop, segment or sender do not fit this member's place in the ring.</summary>
    Slot,

    /// <summary>The set of voters contradicts the hop or an earlier frame.</summary>
    Voters,

    /// <summary>The number of planes or the payload's length is not what the voters need.</summary>
    Length,

    /// <summary>The payload's checksum is wrong.</summary>
    Checksum,

    /// <summary>The payload of a control frame is not what its kind needs.</summary>
    Content,

    /// <summary>The frame was there already: harmless.</summary>
    Repeated,

    /// <summary>Its sender was excluded for what it sent before.</summary>
    Excluded,

    /// <summary>Another version of the protocol; both sides report it.</summary>
    Version,
}
