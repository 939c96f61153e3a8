using System.Security.Cryptography;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Topology.Tests.Security;

public sealed class PeerKeyPairTests
{
    [Fact]
    public void Pem_and_back()
    {
        using PeerKeyPair key = PeerKeyPair.Create();
        Assert.True(PeerKeyPair.TryRead(key.ToPem(), out PeerKeyPair? read, out string reason), reason);
        using (read)
            Assert.Equal(key.Public, read.Public);
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----", key.ToPem());
    }

    [Fact]
    public void What_openssl_writes_is_read()
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.True(PeerKeyPair.TryRead(pair.ExportECPrivateKeyPem(), out PeerKeyPair? read, out string reason), reason);
        using (read)
            Assert.Equal(pair.ExportParameters(false).Q.X, read.Public.Bytes[1..].ToArray());
    }

    [Fact]
    public void What_is_no_secret_of_this_curve_is_refused()
    {
        using var other = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        using var half = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using PeerKeyPair key = PeerKeyPair.Create();
        string pem = key.ToPem();
        Assert.Contains("another curve", Reason(other.ExportPkcs8PrivateKeyPem()));
        foreach (string text in (string[])["", "key", pem[..40], pem.Replace("PRIVATE", "PUBLIC"), rsa.ExportPkcs8PrivateKeyPem(),
            half.ExportSubjectPublicKeyInfoPem(), pem + pem, new string('A', 10_000)])
            Assert.Contains("not a secret key in PEM", Reason(text));
    }

    static string Reason(string text)
    {
        Assert.False(PeerKeyPair.TryRead(text, out PeerKeyPair? key, out string reason));
        Assert.Null(key);
        return reason;
    }
}
