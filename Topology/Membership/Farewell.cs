using System.Buffers.Binary;
using DecentralizedLion.Codecs;

namespace DecentralizedLion.Topology.Membership;

/// <summary>
/// Leaving in order. Whoever leaves names the last step it voted on; nobody can be past it, so all end there, and each stays
/// until every other has committed it.
/// </summary>
sealed class Farewell(int self, int peers, Outbox outbox, TimeProvider clock)
{
    readonly long?[] committed = new long?[peers];
    readonly Signal changed = new(clock);

    /// <summary>The last step of this run; <see cref="long.MaxValue"/> while nobody leaves.</summary>
    public long LastStep { get; private set; } = long.MaxValue;

    public bool IsComplete
    {
        get
        {
            for (int peer = 0; peer < peers; peer++)
            {
                if (peer != self && !(committed[peer] >= LastStep))
                    return false;
            }
            return true;
        }
    }

    /// <summary>True when another said something, false when the time passed.</summary>
    public Task<bool> WaitAsync(TimeSpan timeout) => changed.WaitAsync(timeout);

    /// <summary>Whether a peer is done: it has committed the last step. Until then it is still needed, whatever it announced.</summary>
    public bool HasLeft(int peer) => committed[peer] >= LastStep;

    public void Announce(long voted, long committed)
    {
        LastStep = Math.Min(LastStep, voted);
        Span<byte> payload = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(payload, committed);
        outbox.ControlToAll(FrameKind.Leave, LastStep, payload);
    }

    /// <summary>Notes another's farewell; true when it is its first.</summary>
    public bool OnLeave(int from, long lastStep, long itsCommitted)
    {
        bool first = committed[from] is null;
        LastStep = Math.Min(LastStep, lastStep);
        committed[from] = Math.Max(committed[from] ?? 0, itsCommitted);
        changed.Set();
        return first;
    }
}
