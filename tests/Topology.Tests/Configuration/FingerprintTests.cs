using System.Security.Cryptography;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Topology.Tests.Configuration;

public class FingerprintTests
{
    static Fingerprint Of(params (string, string)[] parts)
        => new(parts.Select(p => new FingerprintField(p.Item1, p.Item2)));

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
    public void All_differences_are_named_with_both_values()
    {
        var mine = Of(("protocol", "1"), ("seed", "7"), ("model.width", "64"));
        Assert.Empty(mine.Differences(Of(("model.width", "64"), ("seed", "7"), ("protocol", "1")).Fields));
        Assert.Equal([new("seed", "7", "8"), new("model.width", "64", "32")],
            mine.Differences(Of(("model.width", "32"), ("seed", "8"), ("protocol", "1")).Fields));
        Assert.Equal([new("model.width", "64", null), new("extra", null, "x")],
            mine.Differences(Of(("protocol", "1"), ("extra", "x"), ("seed", "7")).Fields));
    }

    [Fact]
    public void The_first_few_make_a_line()
    {
        FingerprintDifference[] all = [
            .. Enumerable.Range(0, 7).Select(i => new FingerprintDifference($"f{i}", i == 1 ? null : "1", "2"))];
        Assert.Equal("f0: 1 here, 2 there", FingerprintDifference.Text(all[..1]));
        Assert.Equal("f0: 1 here, 2 there; f1: absent here, 2 there", FingerprintDifference.Text(all[..2]));
        Assert.EndsWith("; f4: 1 here, 2 there", FingerprintDifference.Text(all[..5]));
        Assert.EndsWith("; f4: 1 here, 2 there; and 2 more", FingerprintDifference.Text(all));
    }
}
