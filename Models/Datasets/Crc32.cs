namespace DecentralizedLion.Models.Datasets;

/// <summary>The CRC-32 of gzip (RFC 1952): polynomial 0x04C11DB7, reflected.</summary>
static class Crc32
{
    static readonly uint[] table = MakeTable();

    /// <summary>The checksum of what has the checksum <paramref name="crc"/> and these bytes after it; 0 is that of
    /// nothing.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        foreach (var one in bytes)
            crc = (crc >> 8) ^ table[(byte)crc ^ one];
        return ~crc;
    }

    static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++)
                value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320u : value >> 1;
            table[i] = value;
        }
        return table;
    }
}
