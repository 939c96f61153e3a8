using System.Buffers;
using DecentralizedLion.Codecs.Wire;
using MessagePack;

namespace DecentralizedLion.Topology.ViewChanges;

/// <summary>
/// The payload of the messages that decide a view (docs/protocol.md#messages). There is a method for each kind of message; the
/// fields that a kind does not use are zero.
/// </summary>
readonly record struct ViewMessage
{
    /// <summary>No round is higher; see <see cref="Rounds"/> for why none comes near it.</summary>
    public const long RoundMax = 1L << 62;

    const int Fields = 6;

    /// <summary>The proposer's round; in a rejection the round that was promised.</summary>
    public long Round { get; init; }

    /// <summary>In a promise: the round in which <see cref="View"/> was accepted; 0: nothing was.</summary>
    public long AcceptedRound { get; init; }

    /// <summary>In a promise: the newest step in the acceptor's journal.</summary>
    public long JournalStep { get; init; }

    /// <summary>In a promise: the chain's digest after <see cref="JournalStep"/>.</summary>
    public Digest Chain { get; init; }

    /// <summary>In an accept and a synchronize: a roster index of a member that has every step before the view's first.</summary>
    public int Holder { get; init; }

    /// <summary>In a promise the view that was accepted, in an accept and a synchronize the one to be, in a decision the one that
    /// was decided; else null.</summary>
    public View? View { get; init; }

    public static ViewMessage PreVote => default;

    public static ViewMessage PreVoteGranted => default;

    public static ViewMessage Prepare(long round) => new() { Round = round };

    /// <summary>A promise of a round, with the acceptor's last record and what it accepted before.</summary>
    public static ViewMessage Promise(long round, (long Step, Digest Chain) lastRecord, long acceptedRound = 0,
        View? accepted = null) => new()
        {
            Round = round,
            JournalStep = lastRecord.Step,
            Chain = lastRecord.Chain,
            AcceptedRound = acceptedRound,
            View = accepted,
        };

    public static ViewMessage Synchronize(long round, View draft, int holder) =>
        new() { Round = round, View = draft, Holder = holder };

    public static ViewMessage Synchronized(long round) => new() { Round = round };

    public static ViewMessage Accept(long round, View view, int holder) =>
        new() { Round = round, View = view, Holder = holder };

    public static ViewMessage Accepted(long round) => new() { Round = round };

    public static ViewMessage Rejected(long promised) => new() { Round = promised };

    public static ViewMessage Decided(View view) => new() { View = view };

    public byte[] Encode()
    {
        var output = new ArrayBufferWriter<byte>(256);
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(Fields);
        writer.Write(Round);
        writer.Write(AcceptedRound);
        writer.Write(JournalStep);
        Chain.Write(ref writer);
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
            long round = reader.ReadInt64(), acceptedRound = reader.ReadInt64(), journalStep = reader.ReadInt64();
            if (round is < 0 or > RoundMax || acceptedRound is < 0 or > RoundMax || journalStep is < 0 or long.MaxValue
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
            if (!reader.End)
                return null;
            return new()
            {
                Round = round,
                AcceptedRound = acceptedRound,
                JournalStep = journalStep,
                Chain = new Digest(chain.ToArray()),
                Holder = holder,
                View = view,
            };
        }
        catch (Exception e) when (MessagePackReading.IsMalformed(e))
        {
            return null;
        }
    }
}
