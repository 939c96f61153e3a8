using System.Buffers;
using DecentralizedLion.Codecs.Wire;
using MessagePack;

namespace DecentralizedLion.Topology.ViewChanges;

/// <summary>The state that an acceptor must not forget; synced to disk before anything that follows from it is said.</summary>
/// <param name="DiskId">A random number made with an empty disk: who lost its disk has forgotten its promises and is
/// another.</param>
/// <param name="View">The latest view that is known to be decided.</param>
/// <param name="Promised">The highest round promised for the view after it; 0: none.</param>
/// <param name="AcceptedRound">The round in which <paramref name="Accepted"/> was accepted.</param>
/// <param name="Accepted">The view accepted to follow, or null.</param>
sealed record AcceptorState(ulong DiskId, View View, long Promised, long AcceptedRound, View? Accepted)
{
    const int Fields = 5;

    public byte[] Encode()
    {
        var output = new ArrayBufferWriter<byte>(512);
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(Fields);
        writer.Write(DiskId);
        View.Write(ref writer);
        writer.Write(Promised);
        writer.Write(AcceptedRound);
        if (Accepted is null)
            writer.WriteNil();
        else
            Accepted.Write(ref writer);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Null when the bytes are no state of this roster: the same as an empty disk.</summary>
    public static AcceptorState? TryDecode(byte[]? bytes, int peers)
    {
        if (bytes is null)
            return null;
        try
        {
            var reader = new MessagePackReader(bytes);
            if (reader.ReadArrayHeader() != Fields)
                return null;
            ulong diskId = reader.ReadUInt64();
            if (diskId == 0 || View.TryRead(ref reader, peers) is not { } view)
                return null;
            long promised = reader.ReadInt64(), acceptedRound = reader.ReadInt64();
            View? accepted = null;
            if (!reader.TryReadNil() && (accepted = View.TryRead(ref reader, peers)) is null)
                return null;
            if (promised < 0 || acceptedRound < 0 || (acceptedRound > 0 && accepted is null))
                return null;
            return reader.End ? new AcceptorState(diskId, view, promised, acceptedRound, accepted) : null;
        }
        catch (Exception e) when (MessagePackReading.IsMalformed(e))
        {
            return null;
        }
    }
}
