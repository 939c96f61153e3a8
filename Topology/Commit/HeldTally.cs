using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Exchange;

using DecentralizedLion.Topology.Views;
namespace DecentralizedLion.Topology.Commit;

/// <summary>What a member says when it holds a step: its record's digest, and that of a slice of its weights before the step.</summary>
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

/// <summary>Counts who holds a step, by digest; a step is committed when a quorum of the view holds it with one digest.</summary>
public sealed class HeldTally
{
    readonly Dictionary<int, Held> byMember = [];

    /// <summary>Notes what a member said; its first word counts. Returns whether it is new.</summary>
    public bool Add(int member, Held held) => byMember.TryAdd(member, held);

    /// <summary>How many members have said what they hold.</summary>
    public int Count => byMember.Count;

    /// <summary>Who said that it holds exactly this.</summary>
    public VoterSet HoldersOf(Held held)
    {
        var holders = default(VoterSet);
        foreach (var (member, said) in byMember)
        {
            if (said == held)
                holders = holders.With(member);
        }
        return holders;
    }

    /// <summary>What a member said; it must have said something.</summary>
    public Held Of(int member) => byMember[member];

    /// <summary>Whether a member has said that it holds the step.</summary>
    public bool Has(int member) => byMember.ContainsKey(member);

    /// <summary>The digest that a quorum holds, or null.</summary>
    public Held? Committed(View view)
    {
        foreach (Held held in byMember.Values)
        {
            if (view.IsQuorum(HoldersOf(held)))
                return held;
        }
        return null;
    }
}
