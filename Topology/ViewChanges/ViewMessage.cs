using System.Buffers;
using DecentralizedLion.Codecs.Wire;
using MessagePack;

namespace DecentralizedLion.Topology.ViewChanges;

/// <summary>The payload of the messages that decide a view; which fields count depends on the frame's kind.</summary>
/// <param name="Round">The proposer's round; in a rejection the round that was promised.</param>
/// <param name="AcceptedRound">In a promise: when <paramref name="View"/> was accepted; 0: nothing was.</param>
/// <param name="JournalStep">In a promise: the newest step in the acceptor's journal.</param>
/// <param name="Chain">In a promise: the chain's digest after it.</param>
/// <param name="Holder">In an accept: a roster index of a member that holds every step before the view's first.</param>
/// <param name="View">In a promise what was accepted, in an accept what is to be, in a decision what was decided; else
/// null.</param>
readonly record struct ViewMessage(long Round, long AcceptedRound, long JournalStep, Digest Chain, int Holder, View? View)
{
    /// <summary>No round is higher; see <see cref="ViewChange"/> for why none comes near it.</summary>
    public const long RoundMax = 1L << 62;

    const int Fields = 6;

    public byte[] Encode()
    {
        var output = new ArrayBufferWriter<byte>(256);
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(Fields);
        writer.Write(Round);
        writer.Write(AcceptedRound);
        writer.Write(JournalStep);
        writer.Write(Chain.Bytes.Span);
        writer.Write(Holder);
        if (View is null)
            writer.WriteNil();
        else
            View.Write(ref writer);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Null when the payload is no such message of this roster.</summary>
    public static ViewMessage? TryDecode(ReadOnlyMemory<byte> payload, int peers)
    {
        try
        {
            var reader = new MessagePackReader(payload);
            if (reader.ReadArrayHeader() != Fields)
                return null;
            long round = reader.ReadInt64(), acceptedRound = reader.ReadInt64(), held = reader.ReadInt64();
            if (round is < 0 or > RoundMax || acceptedRound is < 0 or > RoundMax || held is < 0 or long.MaxValue
                || reader.ReadBinary() is not { Length: Digest.Length } chain)
                return null;
            int holder = reader.ReadInt32();
            if (holder < 0 || holder >= peers)
                return null;
            View? view = null;
            if (!reader.TryReadNil() && (view = DecentralizedLion.Topology.ViewChanges.View.TryRead(ref reader, peers)) is null)
                return null;
            if (acceptedRound > 0 && view is null)
                return null; // something was accepted, and nobody says what
            return reader.End ? new ViewMessage(round, acceptedRound, held, new Digest(chain.ToArray()), holder, view) : null;
        }
        catch (Exception e) when (MessagePackReading.IsMalformed(e))
        {
            return null;
        }
    }
}
