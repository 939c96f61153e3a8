using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Exchange;

/// <summary>A frame that an exchange sent.</summary>
sealed record SentFrame(int From, int To, FrameHeader Header, byte[] Payload)
{
    public SegmentId SegmentId => new(Header.Chunk, Header.Hop, Header.Segment);

    /// <summary>The same with other fields, and a checksum that fits them.</summary>
    public SentFrame With(FrameHeader header, byte[]? payload = null)
    {
        payload ??= Payload;
        return this with { Header = header with { Crc = header.Checksum(payload) }, Payload = payload };
    }
}
