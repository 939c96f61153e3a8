namespace DecentralizedLion.Topology;

/// <summary>The parts of a step's time at one peer (docs/operations.md#where-a-steps-time-goes). What the ring does counts as
/// long as the training thread waits for it.</summary>
enum StepPart
{
    /// <summary>What the program does itself: reading data, forward, backward.</summary>
    Gradient,

    /// <summary>The gradient is checked and made into a ballot.</summary>
    Ballot,

    /// <summary>Checksums of what is sent, and its way into the sockets.</summary>
    Send,

    /// <summary>Waiting for a segment of another member.</summary>
    Wait,

    /// <summary>Checksums and checks of segments that have come.</summary>
    Check,

    /// <summary>Adding up ballots.</summary>
    Add,

    /// <summary>Deciding segments, and storing those that others decided.</summary>
    Decide,

    /// <summary>The digests of the step's record and of a slice of the weights.</summary>
    Digest,

    /// <summary>Writing the record into the journal.</summary>
    Journal,

    /// <summary>Waiting until a quorum has the record in its journals.</summary>
    Acknowledge,

    /// <summary>Applying the step to the weights.</summary>
    Apply,

    /// <summary>Writing a checkpoint, as far as the next gradient does not hide it.</summary>
    Checkpoint,

    /// <summary>What the program does when a step is applied, such as an evaluation.</summary>
    Handlers,

    /// <summary>The rest: handing over between threads, metrics, view changes, pauses.</summary>
    Overhead,
}
