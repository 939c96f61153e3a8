using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Commit;

/// <summary>
/// What a member says when it holds a step: its record's digest, and that of a slice of its weights before the step, zeros when its
/// trainer is not there yet.
/// </summary>
public readonly record struct Held(ChainDigest Record, ChainDigest Weights)
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 2 * ChainDigest.Length;

    /// <summary>Writes the two digests.</summary>
    public void Write(Span<byte> destination)
    {
        Record.Bytes.Span.CopyTo(destination);
        Weights.Bytes.Span.CopyTo(destination[ChainDigest.Length..]);
    }

    /// <summary>Reads the two digests; false when the length is wrong.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out Held held)
    {
        held = default;
        if (payload.Length != Length)
            return false;
        held = new Held(new ChainDigest(payload[..ChainDigest.Length]), new ChainDigest(payload[ChainDigest.Length..]));
        return true;
    }
}

/// <summary>Counts who holds a step, by its record's digest; a step is committed when a quorum of the view holds it with one digest.</summary>
public sealed class HeldTally
{
    readonly SortedDictionary<int, ChainDigest> byMember = [];

    /// <summary>Notes what a member holds; its first word counts. Returns whether it is new.</summary>
    public bool Add(int member, ChainDigest record) => byMember.TryAdd(member, record);

    /// <summary>Who said that it holds exactly this.</summary>
    public VoterSet HoldersOf(ChainDigest record)
    {
        var holders = default(VoterSet);
        foreach (var (member, said) in byMember)
        {
            if (said == record)
                holders = holders.With(member);
        }
        return holders;
    }

    /// <summary>Whether a member has said that it holds the step.</summary>
    public bool Has(int member) => byMember.ContainsKey(member);

    /// <summary>The digest that a quorum holds, or null.</summary>
    public ChainDigest? Committed(View view)
    {
        foreach (ChainDigest record in byMember.Values)
        {
            if (view.IsQuorum(HoldersOf(record)))
                return record;
        }
        return null;
    }
}
