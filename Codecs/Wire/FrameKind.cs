namespace DecentralizedLion.Codecs.Wire;

/// <summary>The purpose of a frame. The numbers are the protocol's: they never change their meaning.</summary>
enum FrameKind : byte
{
    /// <summary>The first message on a link: session, disk id, the parts of the run's fingerprint.</summary>
    Hello = 1,

    /// <summary>A sign of life, with what the sender is and whom it hears.</summary>
    Heartbeat = 3,

    /// <summary>This peer's word of the step is ready.</summary>
    Ready = 4,

    /// <summary>Counts of a chunk's segment on their way to the chunk's owner.</summary>
    Reduce = 5,

    /// <summary>A decided segment on its way to all.</summary>
    Gather = 6,

    /// <summary>The receiver asks again for exactly what it lacks.</summary>
    ResendRequest = 7,

    /// <summary>The answer to an ask for what this peer waits for itself.</summary>
    NotReady = 8,

    /// <summary>The whole majority of the step is in this peer's journal.</summary>
    StepAck = 9,

    /// <summary>A peer asks for records, or for a piece of a snapshot.</summary>
    FetchRequest = 10,

    /// <summary>The answer to a fetch.</summary>
    FetchResponse = 11,

    /// <summary>The digest of a slice of the weights, from a member whose trainer was behind when it said that it holds the
    /// step.</summary>
    WeightsDigest = 12,

    /// <summary>Does a quorum think that the view must change? Without effect.</summary>
    PreVote = 13,

    /// <summary>It does.</summary>
    PreVoteGranted = 14,

    /// <summary>A proposer asks for the promise of a round (Paxos 1a).</summary>
    Prepare = 15,

    /// <summary>An acceptor's promise, with what it accepted and what it holds (1b).</summary>
    Promise = 16,

    /// <summary>A proposer asks to accept a view (2a).</summary>
    Accept = 17,

    /// <summary>An acceptor has accepted it (2b).</summary>
    Accepted = 18,

    /// <summary>A view that was decided.</summary>
    Decided = 19,

    /// <summary>The round is older than one promised.</summary>
    Rejected = 20,

    /// <summary>A proposer asks a member of the view that it is about to propose to fetch every step before that view's
    /// first.</summary>
    Synchronize = 21,

    /// <summary>Every step before it is here.</summary>
    Synchronized = 22,

    /// <summary>A look at a link, and its answer: who asks takes no part, and nothing follows from it.</summary>
    Probe = 23,
}
