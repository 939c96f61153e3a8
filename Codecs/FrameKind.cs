namespace DecentralizedLion.Codecs;

/// <summary>What a frame is for. The numbers are the protocol's: they never change their meaning.</summary>
public enum FrameKind : byte
{
    /// <summary>The first message on a link: the parts of the run's fingerprint.</summary>
    Hello = 1,

    /// <summary>The answer to a hello: accepted or refused, with the reason.</summary>
    HelloAck = 2,

    /// <summary>A sign of life.</summary>
    Heartbeat = 3,

    /// <summary>This peer's ballot of the step is ready.</summary>
    Ready = 4,

    /// <summary>Counts of a chunk's segment on their way to the chunk's owner.</summary>
    Reduce = 5,

    /// <summary>A decided segment on its way to all.</summary>
    Gather = 6,

    /// <summary>The receiver asks again for exactly what it lacks.</summary>
    Ask = 7,

    /// <summary>The answer to an ask for what this peer waits for itself.</summary>
    NotYet = 8,

    /// <summary>The whole verdict of the step is in this peer's journal.</summary>
    Held = 9,

    /// <summary>A peer asks for a piece of the state.</summary>
    StateAsk = 10,

    /// <summary>A piece of the state.</summary>
    StatePiece = 11,

    /// <summary>This peer leaves in order.</summary>
    Leave = 12,
}
