using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.Commit;

/// <summary>
/// A member's acknowledgement that it has persisted a step: its record's digest, and that of a slice of its weights before the
/// step, zeros when its trainer is not there yet.
/// </summary>
readonly record struct StepAck(Digest Record, Digest Weights)
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 2 * Digest.Length;

    /// <summary>Writes the two digests.</summary>
    public void Write(Span<byte> destination)
    {
        Record.Bytes.CopyTo(destination);
        Weights.Bytes.CopyTo(destination[Digest.Length..]);
    }

    /// <summary>Reads the two digests; false when the length is wrong.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out StepAck ack)
    {
        ack = default;
        if (payload.Length != Length)
            return false;
        ack = new StepAck(new Digest(payload[..Digest.Length]), new Digest(payload[Digest.Length..]));
        return true;
    }
}
