using System.Security.Cryptography;
using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.Tests.Commit;

public sealed class DigestTests
{
    [Fact]
    public void The_default_is_32_zeros()
    {
        Digest none = default;
        Assert.Equal(new byte[32], none.Bytes.ToArray());
        Assert.Equal(none, new Digest(new byte[32]));
        Assert.Equal(none.GetHashCode(), new Digest(new byte[32]).GetHashCode());
        Assert.Equal(new string('0', 64), none.ToString());
        Assert.Equal("000000000000", none.Short);
    }

    [Fact]
    public void Equality_is_by_content_and_the_bytes_are_copied()
    {
        byte[] bytes = SHA256.HashData([5]);
        var digest = new Digest(bytes);
        bytes[31] ^= 1;
        Assert.Equal(Digest.Of([5]), digest);
        Assert.True(digest == Digest.Of([5]) && digest != new Digest(bytes));
        Assert.True(digest.Equals((object)Digest.Of([5])));
        Assert.False(digest.Equals("digest"));
        Assert.StartsWith(digest.Short, digest.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Another_length_is_refused(int length) =>
        Assert.Contains($"{length}", Assert.Throws<ArgumentException>(() => new Digest(new byte[length])).Message);

    [Fact]
    public void A_chain_begins_with_fingerprint_lineage_and_state()
    {
        byte[] fingerprint = SHA256.HashData([1]);
        Digest state = Digest.Of([2]), found = Digest.OfRunStart(fingerprint, 0x0102030405060708, state);
        Assert.Equal(SHA256.HashData([.. fingerprint, 8, 7, 6, 5, 4, 3, 2, 1, .. state.Bytes]), found.Bytes.ToArray());
        Assert.Equal(4, new HashSet<Digest>
        {
            found, Digest.OfRunStart(SHA256.HashData([3]), 0x0102030405060708, state), Digest.OfRunStart(fingerprint, 1, state),
            Digest.OfRunStart(fingerprint, 0x0102030405060708, Digest.Of([3])),
        }.Count);
    }
}
