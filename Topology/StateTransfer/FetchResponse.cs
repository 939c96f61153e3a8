using System.Buffers.Binary;
using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>The answer to an ask: a fixed head, then bytes.</summary>
/// <param name="Id">The ask's.</param>
/// <param name="Result">How it went.</param>
/// <param name="Step">The first record's step, or the checkpoint's.</param>
/// <param name="Total">Bytes of the first record, or of the checkpoint, as a whole.</param>
/// <param name="Committed">The newest step that the donor knows to be committed.</param>
/// <param name="Sha">Of a checkpoint: its SHA-256.</param>
/// <param name="Chain">Of a checkpoint: the chain's digest after its step.</param>
readonly record struct FetchResponse(int Id, FetchResult Result, long Step, long Total, long Committed, Digest Sha, Digest Chain)
{
    public const int HeadLength = 29 + 2 * Digest.Length;

    public void Write(Span<byte> head)
    {
        BinaryPrimitives.WriteInt32LittleEndian(head, Id);
        head[4] = (byte)Result;
        BinaryPrimitives.WriteInt64LittleEndian(head[5..], Step);
        BinaryPrimitives.WriteInt64LittleEndian(head[13..], Total);
        BinaryPrimitives.WriteInt64LittleEndian(head[21..], Committed);
        Sha.Bytes.Span.CopyTo(head[29..]);
        Chain.Bytes.Span.CopyTo(head[(29 + Digest.Length)..]);
    }

    public static FetchResponse? TryRead(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < HeadLength || payload[4] > (byte)FetchResult.Later)
            return null;
        var answer = new FetchResponse(BinaryPrimitives.ReadInt32LittleEndian(payload), (FetchResult)payload[4],
            BinaryPrimitives.ReadInt64LittleEndian(payload[5..]), BinaryPrimitives.ReadInt64LittleEndian(payload[13..]),
            BinaryPrimitives.ReadInt64LittleEndian(payload[21..]), new Digest(payload.Slice(29, Digest.Length)),
            new Digest(payload.Slice(29 + Digest.Length, Digest.Length)));
        return answer.Step < 0 || answer.Total < 0 || answer.Committed < 0 ? null : answer;
    }
}
