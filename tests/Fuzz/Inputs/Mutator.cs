using System.Buffers.Binary;

namespace DecentralizedLion.Fuzz.Inputs;

/// <summary>Makes inputs out of good ones: flipped bits, other bytes, lies in length fields, cuts, repeats, two inputs spliced,
/// headers that claim more than any message holds.</summary>
/// <param name="seeds">Good inputs, at least one.</param>
/// <param name="isText">Whether to change tokens of a text as well.</param>
/// <param name="longest">No input is longer, in bytes.</param>
sealed class Mutator(IReadOnlyList<byte[]> seeds, bool isText, int longest)
{
    /// <summary>An input that the numbers decide.</summary>
    public byte[] Make(FuzzRandom random)
    {
        if (random.OneIn(64))
            return Bytes(random, random.Below(300)); // what no writer ever wrote
        byte[] input = seeds[random.Below(seeds.Count)];
        if (random.OneIn(64))
            return input;
        do
            input = isText && random.Below(3) > 0 ? TextMutator.Change(input, random) : Change(input, random);
        while (random.Below(5) > 2);
        return input.Length <= longest ? input : input[..longest];
    }

    byte[] Change(byte[] input, FuzzRandom random)
    {
        int at = input.Length == 0 ? 0 : random.Below(input.Length);
        int length = input.Length == 0 ? 0 : 1 + random.Below(Math.Min(input.Length - at, random.OneIn(4) ? input.Length : 16));
        switch (random.Below(input.Length == 0 ? 2 : 12))
        {
            case 0:
                return [.. input[..at], .. Bytes(random, 1 + random.Below(16)), .. input[at..]];
            case 1:
                byte[] other = seeds[random.Below(seeds.Count)];
                return [.. input[..at], .. other[random.Below(other.Length + 1)..]];
            case 2:
                return input[..at];
            case 3:
                return [.. input[..at], .. input[(at + length)..]];
            case 4:
                return [.. input[..(at + length)], .. input[at..]];
            case 5 or 6:
                byte[] flipped = [.. input];
                flipped[at] ^= (byte)(1 << random.Below(8));
                return flipped;
            case 7:
                byte[] set = [.. input];
                set[at] = random.Of<byte>([0, 1, 0x7f, 0x80, 0xc0, 0xc1, 0xc4, 0xc6, 0xca, 0xcf, 0xd3, 0xd9, 0xdd, 0xdf, 0xfe,
                    0xff, (byte)random.Next()]);
                return set;
            case 8:
                byte[] hostile = random.Of<byte[]>([.. HostileHeaders.All]);
                int behind = random.OneIn(2) ? at : Math.Min(at + hostile.Length, input.Length);
                return [.. input[..at], .. hostile, .. input[behind..]];
            case 9:
                bool isLong = random.OneIn(2);
                int depth = 1 + random.Below(longest / (isLong ? 5 : 1));
                return [.. input[..at], .. HostileHeaders.Nested(depth, isLong), .. input[at..]];
            default:
                return Lie([.. input], at, random);
        }
    }

    /// <summary>Another number where a length may be, in either order of bytes.</summary>
    static byte[] Lie(byte[] input, int at, FuzzRandom random)
    {
        Span<byte> number = stackalloc byte[8];
        int width = 1 << random.Below(4);
        ulong value = random.OneIn(2) ? (ulong)(input.Length - at + random.Below(5) - 2) : random.Interesting();
        if (random.OneIn(2))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(number, value);
            number = number[..width];
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(number, value);
            number = number[^width..];
        }
        number[..Math.Min(width, input.Length - at)].CopyTo(input.AsSpan(at));
        return input;
    }

    static byte[] Bytes(FuzzRandom random, int length)
    {
        var bytes = new byte[length];
        for (int at = 0; at < length; at++)
            bytes[at] = (byte)random.Next();
        return bytes;
    }
}
