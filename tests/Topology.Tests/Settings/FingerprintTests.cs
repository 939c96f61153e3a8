using System.Security.Cryptography;

namespace DecentralizedLion.Topology.Tests.Settings;

public class FingerprintTests
{
    static Fingerprint Of(params (string, string)[] parts)
        => new(parts.Select(p => new FingerprintPart(p.Item1, p.Item2)));

    [Fact]
    public void The_digest_is_SHA256_over_the_sorted_parts_with_lengths()
    {
        byte[] encoded = [1, 0, 0, 0, (byte)'a', 2, 0, 0, 0, (byte)'1', (byte)'2', 1, 0, 0, 0, (byte)'b', 0, 0, 0, 0];
        var print = Of(("b", ""), ("a", "12"));
        Assert.Equal(SHA256.HashData(encoded), print.Digest.ToArray());
        Assert.Equal(BitConverter.ToUInt64(SHA256.HashData(encoded)), print.Run);
        Assert.Equal(64, print.Hex.Length);
    }

    [Fact]
    public void Order_does_not_matter_and_borders_do()
    {
        Assert.Equal(Of(("a", "1"), ("b", "2")).Hex, Of(("b", "2"), ("a", "1")).Hex);
        Assert.NotEqual(Of(("a", "1b")).Hex, Of(("a1", "b")).Hex);
        Assert.NotEqual(Of(("a", "1"), ("b", "2")).Hex, Of(("a", "1")).Hex);
    }

    [Fact]
    public void A_field_twice_is_a_mistake_of_the_program() =>
        Assert.Throws<ArgumentException>(() => Of(("a", "1"), ("a", "1")));

    [Fact]
    public void The_first_difference_names_the_field_and_both_values()
    {
        var mine = Of(("protocol", "1"), ("seed", "7"), ("model.width", "64"));
        Assert.Null(mine.FirstDifference(Of(("model.width", "64"), ("seed", "7"), ("protocol", "1")).Parts));
        Assert.Equal(new FingerprintDifference("seed", "7", "8"),
            mine.FirstDifference(Of(("model.width", "32"), ("seed", "8"), ("protocol", "1")).Parts));
        Assert.Equal(
            "model.width is 64 here and absent there",
                mine.FirstDifference(Of(("protocol", "1"), ("seed", "7")).Parts)!.Value.ToString());
        Assert.Equal(new FingerprintDifference("extra", null, "x"),
            mine.FirstDifference([.. mine.Parts, new FingerprintPart("extra", "x")]));
    }
}
