using System.Security.Cryptography;
using DecentralizedLion.Topology.Security;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Security;

public sealed class PeerPublicKeyTests
{
    [Fact]
    public void Text_and_back_by_both_parities()
    {
        var parities = new HashSet<byte>();
        for (int i = 0; i < 50; i++)
        {
            using PeerKeyPair key = PeerKeyPair.Create();
            parities.Add(key.Public.Bytes[0]);
            string text = key.Public.ToString();
            Assert.Equal(PeerPublicKey.TextLength, text.Length);
            Assert.True(PeerPublicKey.TryParse(text, out PeerPublicKey? read, out string reason), reason);
            Assert.Equal(key.Public, read);
            Assert.Equal(key.Public.Point.Y, read.Point.Y); // .NET's own computation of the point
            Assert.Equal(text, read.ToString());
        }
        Assert.Equal(2, parities.Count);
    }

    [Theory]
    [InlineData("", "not a public key")]
    [InlineData("A", "not a public key")]
    [InlineData("AmsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMK", "not a public key")]   // a character short
    [InlineData("AmsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWA", "not a public key")] // one too many
    [InlineData("AmsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW", "not a public key")]  // of the other base64
    [InlineData(" msX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW", "not a public key")]
    [InlineData("BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW", "not a public key")]  // as if uncompressed
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "not a public key")]  // infinity
    [InlineData("AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB", "not a point")]       // x = 1 has no y
    [InlineData("Av____8AAAABAAAAAAAAAAAAAAAA________________", "not a point")]       // x = p
    [InlineData("A_________________________________________8", "not a public key")]
    public void What_is_no_key_is_refused(string text, string expected)
    {
        Assert.False(PeerPublicKey.TryParse(text, out PeerPublicKey? key, out string reason));
        Assert.Null(key);
        Assert.Contains(expected, reason);
    }

    [Fact]
    public void The_generator_is_a_point()
    {
        Assert.True(PeerPublicKey.TryParse("A2sX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW", out PeerPublicKey? g, out _));
        Assert.Equal("4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5", Convert.ToHexString(g.Point.Y!));
        Assert.True(PeerPublicKey.TryParse("AmsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW", out PeerPublicKey? mirrored, out _));
        Assert.NotEqual(g, mirrored);
        Assert.True(g.IsOfSameSecret(mirrored));
    }

    /// <summary>Whatever is in the text: an answer, and what is taken is on the curve, as another implementation sees
    /// it.</summary>
    [Property(MaxTest = 300)]
    public void Any_text_is_judged(byte[]? noise, bool odd)
    {
        byte[] bytes = new byte[PeerPublicKey.Length];
        (noise ?? []).AsSpan(0, Math.Min(noise?.Length ?? 0, 32)).CopyTo(bytes.AsSpan(1));
        bytes[0] = (byte)(odd ? 3 : 2);
        string text = System.Buffers.Text.Base64Url.EncodeToString(bytes);
        if (!PeerPublicKey.TryParse(text, out PeerPublicKey? key, out string reason))
        {
            Assert.NotEmpty(reason);
            return;
        }
        Assert.Equal(text, key.ToString());
        using var imported = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = key.Point });
        Assert.Equal(key.Point.X, imported.ExportParameters(false).Q.X);
    }
}
