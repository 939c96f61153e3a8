using System.Buffers;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using MessagePack;

namespace DecentralizedLion.Topology.ViewChanges;

/// <summary>The members that take part, in their order, and the step from which on (docs/protocol.md#view-change).</summary>
sealed class View : IEquatable<View>
{
    // A forced new ring begins a generation of its own, so that a plain comparison of numbers tells the later view.
    const int GenerationBits = 20;

    // So that neither the next view's number nor the next generation's first is more than a number can be.
    const int NumberMax = (int.MaxValue >> GenerationBits << GenerationBits) - 1;

    const int Fields = 11, FieldsBefore6 = 9; // files of protocol version 5 have no choice of the exchange and no batches

    readonly int[] members;
    readonly ulong[] sessions, diskIds;
    BallotWeights? weights, firstWeights;

    /// <summary>Makes a view.</summary>
    /// <param name="number">0 before a run begins, then one more with each change; see <see cref="NextGeneration"/>.</param>
    /// <param name="members">Roster indices in the ring's order, at least one, each once.</param>
    /// <param name="sessions">The session (process) each member takes part with, in the same order.</param>
    /// <param name="firstStep">The first step that is exchanged in this view; all before it are committed.</param>
    /// <param name="diskIds">The disk id of each member, in the same order; null: zeros.</param>
    public View(int number, IReadOnlyList<int> members, IReadOnlyList<ulong> sessions, long firstStep,
        IReadOnlyList<ulong>? diskIds = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(members.Count);
        ArgumentOutOfRangeException.ThrowIfNotEqual(sessions.Count, members.Count);
        this.diskIds = diskIds is null ? new ulong[members.Count] : [.. diskIds];
        ArgumentOutOfRangeException.ThrowIfNotEqual(this.diskIds.Length, members.Count, nameof(diskIds));
        (Number, this.members, this.sessions, FirstStep) = (number, [.. members], [.. sessions], firstStep);
        var set = default(PeerSet);
        foreach (int member in members)
        {
            if (set.Contains(member))
                throw new ArgumentException($"member {member} is listed twice", nameof(members));
            set = set.With(member);
        }
        (MemberSet, IndexMax) = (set, this.members.Max());
    }

    /// <summary>The view's number. Of two views the one with the higher number is the later.</summary>
    public int Number { get; }

    /// <summary>The number of forced new rings before this view.</summary>
    public int Generation => Number >> GenerationBits;

    /// <summary>The number as people count it: within its generation.</summary>
    public string Name => NameOf(Number);

    /// <summary>The run id that the chain goes back to; 0 before a run begins.</summary>
    public ulong RunId { get; init; }

    /// <summary>The chain's digest after the step before <see cref="FirstStep"/>.</summary>
    public Digest BaseDigest { get; init; }

    /// <summary>Of a run's first view: SHA-256 of the state that the run begins with; zeros otherwise.</summary>
    public Digest InitialWeights { get; init; }

    /// <summary>No step is exchanged any more: all members leave.</summary>
    public bool IsFinal { get; init; }

    /// <summary>The way of the exchange of all its steps.</summary>
    public ExchangeChoice Exchange { get; init; }

    /// <summary>The members' batches; none where all take the same.</summary>
    public BatchShares Shares { get; init; } = BatchShares.None;

    /// <summary>Roster indices in the ring's order.</summary>
    public IReadOnlyList<int> Members => members;

    /// <summary>The same as a set.</summary>
    public PeerSet MemberSet { get; }

    /// <summary>The largest roster index of a member.</summary>
    public int IndexMax { get; }

    /// <summary>The number of members.</summary>
    public int Count => members.Length;

    /// <summary>The first step exchanged in this view.</summary>
    public long FirstStep { get; }

    /// <summary>The number of members that are a quorum, whoever they are.</summary>
    public int QuorumSize => Number == 0 ? Count : Count / 2 + 1;

    /// <summary>The place of a member in the ring's order, −1 when it is none.</summary>
    public int PositionOf(int member) => Array.IndexOf(members, member);

    /// <summary>The session a member takes part with; 0 for who is none.</summary>
    public ulong SessionOf(int member) => PositionOf(member) is >= 0 and var at ? sessions[at] : 0;

    /// <summary>The disk id of a member; 0 for who is none.</summary>
    public ulong DiskIdOf(int member) => PositionOf(member) is >= 0 and var at ? diskIds[at] : 0;

    /// <summary>The members' batches in a step, in their order; empty where none are set.</summary>
    public IReadOnlyList<int> BatchesAt(long step) => step == FirstStep ? Shares.First : Shares.Batches;

    /// <summary>A member's batch from the second step of this view on; 0 where none is set, and for who is no member.</summary>
    public int BatchOf(int member) =>
        Shares.Batches.Count > 0 && PositionOf(member) is >= 0 and var at ? Shares.Batches[at] : 0;

    /// <summary>The weights of the members' ballots in a step.</summary>
    public BallotWeights WeightsAt(long step) => step == FirstStep
        ? firstWeights ??= BallotWeights.Of(members, Shares.First) : weights ??= BallotWeights.Of(members, Shares.Batches);

    /// <summary>
    /// Dynamic-linear voting: more than half of the view, or exactly half if that half holds the lowest-ranked member. Founding
    /// needs all.
    /// </summary>
    public bool IsQuorum(PeerSet set)
    {
        int present = set.Count - set.Except(MemberSet).Count;
        if (Number == 0)
            return present == Count;
        return 2 * present > Count || (2 * present == Count && set.Contains(members.Min()));
    }

    /// <summary>The view before a run begins: the whole roster, and no session yet.</summary>
    public static View BeforeBootstrap(int peers) => new(0, [.. Enumerable.Range(0, peers)], new ulong[peers], 1);

    /// <summary>A view's number as people count it.</summary>
    internal static string NameOf(int number) => number >> GenerationBits is > 0 and var generation
        ? $"{generation}.{number & ((1 << GenerationBits) - 1)}" : $"{number}";

    /// <summary>The number of the first view that a person founds on a view's disk (<c>--force-new-ring</c>).</summary>
    public static int NextGeneration(int number) => (((number >> GenerationBits) + 1) << GenerationBits) + 1;

    /// <summary>Writes the view: a MessagePack array of ten.</summary>
    public void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        writer.Write(Number);
        writer.Write(RunId);
        writer.Write(FirstStep);
        BaseDigest.Write(ref writer);
        InitialWeights.Write(ref writer);
        writer.Write(IsFinal);
        writer.Write(members.Select(member => (byte)member).ToArray());
        writer.WriteArrayHeader(members.Length);
        foreach (ulong session in sessions)
            writer.Write(session);
        writer.WriteArrayHeader(members.Length);
        foreach (ulong diskId in diskIds)
            writer.Write(diskId);
        Exchange.Write(ref writer);
        Shares.Write(ref writer);
    }

    /// <summary>Reads what <see cref="Write"/> wrote; null when it is no view of this roster. Throws what a MessagePack reader
    /// throws.</summary>
    public static View? TryRead(ref MessagePackReader reader, int peers)
    {
        int fields = reader.ReadArrayHeader();
        if (fields is not (Fields or FieldsBefore6))
            return null;
        int number = reader.ReadInt32();
        ulong runId = reader.ReadUInt64();
        long firstStep = reader.ReadInt64();
        if (reader.ReadBinary() is not { Length: Digest.Length } chain
            || reader.ReadBinary() is not { Length: Digest.Length } weights)
            return null;
        bool closed = reader.ReadBoolean();
        if (number is < 0 or > NumberMax || firstStep < 1
            || reader.ReadBinary() is not { Length: > 0 } indices || indices.Length > peers)
            return null;
        int[] members = [.. indices.ToArray().Select(index => (int)index)];
        if (members.Distinct().Count() != members.Length || members.Any(member => member >= peers))
            return null;
        if (Numbers(ref reader, members.Length) is not { } sessions || Numbers(ref reader, members.Length) is not { } diskIds)
            return null;
        if ((fields == FieldsBefore6 ? default(ExchangeChoice) : ExchangeChoice.TryRead(ref reader)) is not { } exchange
            || (fields == FieldsBefore6 ? BatchShares.None : BatchShares.TryRead(ref reader, members.Length)) is not { } shares)
            return null;
        return new View(number, members, sessions, firstStep, diskIds)
        {
            RunId = runId,
            BaseDigest = new Digest(chain.ToArray()),
            InitialWeights = new Digest(weights.ToArray()),
            IsFinal = closed,
            Exchange = exchange,
            Shares = shares,
        };
    }

    /// <inheritdoc/>
    public bool Equals(View? other) =>
        other is not null && Number == other.Number && RunId == other.RunId && FirstStep == other.FirstStep
        && BaseDigest == other.BaseDigest && InitialWeights == other.InitialWeights && IsFinal == other.IsFinal
        && Exchange == other.Exchange
        && Shares.Equals(other.Shares)
        && members.AsSpan().SequenceEqual(other.members)
        && sessions.AsSpan().SequenceEqual(other.sessions) && diskIds.AsSpan().SequenceEqual(other.diskIds);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as View);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Number, RunId, FirstStep);

    static ulong[]? Numbers(ref MessagePackReader reader, int count)
    {
        if (reader.ReadArrayHeader() != count)
            return null;
        var numbers = new ulong[count];
        for (int at = 0; at < count; at++)
            numbers[at] = reader.ReadUInt64();
        return numbers;
    }
}
