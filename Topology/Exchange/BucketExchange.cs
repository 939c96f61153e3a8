using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>The exchange of one bucket of a step, as one member sees it. Segments are counted within the bucket.</summary>
abstract class BucketExchange
{
    readonly bool[] done;
    readonly int[] firstIndex;

    /// <summary>Begins the exchange.</summary>
    /// <param name="step">The step's exchange.</param>
    /// <param name="index">The index of the bucket.</param>
    protected BucketExchange(StepExchange step, int index)
    {
        (Step, Index, Map) = (step, index, step.Layout.Maps[index]);
        firstIndex = new int[Map.Chunks];
        int segments = 0;
        for (int chunk = 0; chunk < Map.Chunks; chunk++)
        {
            firstIndex[chunk] = segments;
            segments += Map.Segments(chunk);
        }
        done = new bool[segments];
        Open = segments;
    }

    /// <summary>The chunks and segments that the bucket is cut into.</summary>
    public ChunkMap Map { get; }

    /// <summary>The number of segments that are still to come.</summary>
    public int Open { get; private set; }

    /// <summary>The aggregate; whole when nothing is open.</summary>
    public abstract Aggregate Aggregate { get; }

    /// <summary>The step's exchange.</summary>
    protected StepExchange Step { get; }

    /// <summary>The index of the bucket in the step.</summary>
    protected int Index { get; }

    /// <summary>The arithmetic that makes the aggregate out of ballots.</summary>
    protected Reduction Reduction => Map.Bucket.Reduction;

    /// <summary>Our ballot for this bucket; null for a relay.</summary>
    protected BallotBucket? Ballot => Step.Ballot?.Buckets[Index];

    /// <summary>The number of members.</summary>
    protected int Count => Step.View.Count;

    /// <summary>Our place in the ring.</summary>
    protected int Position => Step.Position;

    /// <summary>The place after ours.</summary>
    protected int Successor => (Position + 1) % Count;

    /// <summary>The place before ours.</summary>
    protected int Predecessor => (Position + Count - 1) % Count;

    /// <summary>The number of segments of all chunks.</summary>
    protected int Segments => done.Length;

    /// <summary>Our word was given: send what needs nothing from others.</summary>
    public abstract void Begin();

    /// <summary>True when this segment comes from that place to ours with that kind.</summary>
    public abstract bool Expects(int fromPosition, FrameKind kind, SegmentId id);

    /// <summary>Whose words are inside a reduce frame.</summary>
    public abstract PeerSet CoveredBy(int fromPosition, SegmentId id);

    /// <summary>True when a frame was taken before.</summary>
    public abstract bool Has(int fromPosition, FrameKind kind, SegmentId id);

    /// <summary>Takes a checked reduce segment; started.</summary>
    public abstract void OnSegment(int fromPosition, SegmentId id, PartialSum sum, PeerSet voters);

    /// <summary>Takes a checked segment of the outcome; started, and the step's voters are known.</summary>
    public abstract void OnAggregate(SegmentId id, PartialSum outcome);

    /// <summary>Lists what is still to come from a place, oldest hops first; at most so many in all.</summary>
    public abstract void Missing(int fromPosition, List<SegmentId> ids, int most);

    /// <summary>Sends a frame again if it is ours to send and there is something to send; started.</summary>
    public abstract bool Resend(int toPosition, SegmentId id);

    /// <summary>Holds what was seen on the way against the outcome.</summary>
    public virtual void Check(SpotChecks checks)
    {
    }

    /// <summary>Gives back what was rented.</summary>
    public virtual void Release()
    {
    }

    /// <summary>True when the voters' losses travel with a segment.</summary>
    public bool CarriesLosses(SegmentId id) => Index == 0 && id.Segment == 0 && (id.Chunk == 0 || Reduction.IsGathered);

    /// <summary>Index of a segment among all segments of all chunks.</summary>
    protected int IndexOf(SegmentId id) => firstIndex[id.Chunk] + id.Segment;

    /// <summary>True when a segment's aggregate is here.</summary>
    protected bool IsDone(SegmentId id) => done[IndexOf(id)];

    /// <summary>A segment's outcome is here.</summary>
    protected void MarkDone(SegmentId id)
    {
        done[IndexOf(id)] = true;
        Open--;
    }

    /// <summary>Adds the slots of a chunk at a hop that have not come.</summary>
    protected void AddMissing(int fromPosition, FrameKind kind, int chunk, int hop, List<SegmentId> ids, int most)
    {
        for (int segment = 0; segment < Map.Segments(chunk) && ids.Count < most; segment++)
        {
            var id = new SegmentId(chunk, hop, segment);
            if (!Has(fromPosition, kind, id))
                ids.Add(Step.OnWire(Index, id));
        }
    }

    /// <summary>Sends a sum or an outcome of a segment.</summary>
    protected void Send(FrameKind kind, int toPosition, SegmentId id, PartialSum sum, int planes, PeerSet voters)
    {
        int words = Map.Segment(id.Chunk, id.Segment).Length;
        int zeroPlanes = sum.Zeros.IsEmpty ? 0 : sum.Zeros.Length / words;
        var header = new SegmentHeader(kind, Step.Step, Step.OnWire(Index, id), planes, zeroPlanes, voters);
        Step.Sender.Send(Step.View.Members[toPosition], header, sum.Planes, sum.Zeros,
            CarriesLosses(id) ? Step.LossesOf(voters) : default);
        Step.Profile?.OnDone(StepPart.Send);
    }
}
