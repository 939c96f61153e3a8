using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.Commit;

/// <summary>
/// The file of a member's step records (docs/protocol.md#on-disk): of consecutive steps, each chained to the one before it. Used
/// on the member's loop; an implementation may be told of checkpoints by another thread.
/// </summary>
interface IJournal
{
    /// <summary>The step before the oldest record that can be read.</summary>
    long BaseStep { get; }

    /// <summary>The step of the newest record; <see cref="BaseStep"/> when there is none.</summary>
    long LastStep { get; }

    /// <summary>The chain's digest after a step.</summary>
    /// <param name="step"><see cref="BaseStep"/> … <see cref="LastStep"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is not kept.</exception>
    Digest DigestAfter(long step);

    /// <summary>
    /// Writes the record of step <see cref="LastStep"/> + 1 so that it survives the process; to survive a power cut it may take
    /// up to a second longer.
    /// </summary>
    /// <exception cref="IOException">It cannot be written; the member must not hold the step.</exception>
    void Append(StepRecord record);

    /// <summary>Reads a record into memory of its own; null when it is not kept or cannot be read.</summary>
    StepRecord? Read(long step);

    /// <summary>Forgets all records after a step: they were held, but another view decided otherwise.</summary>
    void TruncateAfter(long step);

    /// <summary>Forgets everything and begins after a step: a run begins, or another peer's snapshot was taken.</summary>
    /// <param name="step">The step that the next record follows.</param>
    /// <param name="chain">The chain's digest after it.</param>
    void ResetTo(long step, Digest chain);
}
