using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Topology.Simulation.World;

/// <summary>One peer's disk: what outlives its processes. A new disk is an empty one.</summary>
/// <param name="parameters">Length of the model, in parameters.</param>
/// <param name="checkpointEvery">Steps between two checkpoints.</param>
/// <param name="bucketsOf">What steps carry; null: a vote.</param>
/// <param name="clock">The clock; null for the system's.</param>
sealed class SimulatedDisk(
    int parameters, int checkpointEvery, Func<long, IReadOnlyList<Bucket>>? bucketsOf = null, TimeProvider? clock = null)
{
    const int KeptCheckpoints = 2, KeptIntervals = 2;

    DiskHandle? handle;

    public int Parameters => parameters;

    public Func<long, IReadOnlyList<Bucket>> BucketsOf { get; } = bucketsOf ?? Buckets.Vote(parameters);

    /// <summary>The journal's records as they were written, with the chain's digest after each; the first is that of step First +
    /// 1.</summary>
    public List<(byte[] Bytes, Digest Digest)> Records { get; } = [];

    /// <summary>The step before the oldest record.</summary>
    public long First { get; set; }

    /// <summary>The step of the newest record.</summary>
    public long Last => First + Records.Count;

    /// <summary>The chain's digest after step First.</summary>
    public Digest Base { get; set; }

    /// <summary>The promises; null: none, or unreadable.</summary>
    public byte[]? ViewState { get; set; }

    /// <summary>The checkpoints by step: what is the same on every member.</summary>
    public SortedList<long, byte[]> Shared { get; } = [];

    /// <summary>The checkpoints by step: the peer's own part.</summary>
    public SortedList<long, byte[]> Momentum { get; } = [];

    /// <summary>The bytes of another peer's snapshot that were received.</summary>
    public (SnapshotInfo Info, List<byte> Bytes) Partial { get; set; } = (default, []);

    /// <summary>The steps that other peers are fetching from the process that has the disk.</summary>
    public RetainedSteps Retained { get; private set; } = new(clock ?? TimeProvider.System);

    /// <summary>No space is left: writing fails.</summary>
    public bool IsFull { get; set; }

    /// <summary>The number of writes that failed for lack of space.</summary>
    public int Failures { get; private set; }

    /// <summary>
    /// The number of a record's bytes, of all of them, that are on the disk when the next append ends the process; null when it
    /// does not.
    /// </summary>
    public Func<int, int>? Tear { get; set; }

    /// <summary>Mounts the disk for a process; an earlier process's handle is closed. A torn record at the journal's end is cut
    /// off.</summary>
    /// <param name="died">Called when a torn write ends the process.</param>
    public DiskHandle Open(Action died)
    {
        handle?.Close();
        Retained = new(clock ?? TimeProvider.System); // a new process knows nothing of who fetched
        Digest chain = Base;
        for (int at = 0; at < Records.Count; at++)
        {
            (byte[] bytes, Digest digest) = Records[at];
            if (StepRecord.TryRead(bytes, BucketsOf, digest) is not { } record || record.WithDigestAfter(chain).Digest != digest)
            {
                Records.RemoveRange(at, Records.Count - at);
                break;
            }
            chain = digest;
        }
        return handle = new DiskHandle(this, died);
    }

    /// <summary>The chain's digest after a step; null when it is not kept.</summary>
    public Digest? DigestAfter(long step) =>
        step == First ? Base : step > First && step <= Last ? Records[(int)(step - First) - 1].Digest : null;

    /// <summary>Writes a checkpoint; the two newest are kept, and the journal from two intervals before it on; and what other
    /// peers are fetching.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public void WriteCheckpoint(long step, byte[] shared, byte[] momentum)
    {
        NeedSpace("a checkpoint");
        (Shared[step], Momentum[step]) = (shared, momentum);
        foreach (SortedList<long, byte[]> kept in (ReadOnlySpan<SortedList<long, byte[]>>)[Shared, Momentum])
        {
            long[] old = [.. kept.Keys.Take(Math.Max(0, kept.Count - KeptCheckpoints)).Where(one => !Retained.Has(one))];
            foreach (long one in old)
                kept.Remove(one);
        }
        long first = Math.Min(Math.Min(Last, Retained.Oldest), step - KeptIntervals * checkpointEvery);
        if (first <= First)
            return;
        Base = DigestAfter(first)!.Value;
        Records.RemoveRange(0, (int)(first - First));
        First = first;
    }

    /// <exception cref="IOException">The disk is full.</exception>
    public void NeedSpace(string what)
    {
        if (!IsFull)
            return;
        Failures++;
        throw new IOException($"{what} cannot be written: no space left on the device");
    }
}
