using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Topology.Tests.Security;

public sealed class PeerCertificateTests
{
    [Fact]
    public void It_says_its_public_key_and_nothing_of_the_secret_one()
    {
        using PeerKeyPair key = PeerKeyPair.Create();
        var certificate = new PeerCertificate(key);
        using X509Certificate2 shown = X509CertificateLoader.LoadCertificate(certificate.Context.TargetCertificate.RawData);
        Assert.Equal(key.Public, certificate.Public);
        Assert.Equal(key.Public, PeerCertificate.KeyOf(shown));
        using ECDsa pair = key.NewSigner();
        byte[] secret = pair.ExportParameters(includePrivateParameters: true).D!;
        Assert.Equal(-1, shown.RawData.AsSpan().IndexOf(secret));
        Assert.False(shown.HasPrivateKey);
        Assert.DoesNotContain(Convert.ToHexString(secret), certificate.Context.TargetCertificate.ToString(true),
            StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void It_outlives_the_key_that_it_was_made_of_and_tells_no_peers_apart_but_by_it()
    {
        PeerKeyPair one = PeerKeyPair.Create(), other = PeerKeyPair.Create();
        X509Certificate2 first = new PeerCertificate(one).Context.TargetCertificate,
            second = new PeerCertificate(other).Context.TargetCertificate;
        one.Dispose();
        other.Dispose();
        using ECDsa? pair = first.GetECDsaPrivateKey();
        Assert.Equal(64, pair!.SignData([1], HashAlgorithmName.SHA256).Length);
        Assert.NotEqual(PeerCertificate.KeyOf(first), PeerCertificate.KeyOf(second));
        Assert.Equal((first.Subject, first.Issuer, first.NotBefore, first.NotAfter),
            (second.Subject, second.Issuer, second.NotBefore, second.NotAfter));
    }

    [Fact]
    public void Keys_of_another_kind_are_none()
    {
        using var rsa = RSA.Create(2048);
        using X509Certificate2 ofRsa =
            Signed(new CertificateRequest("CN=p", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        Assert.Null(PeerCertificate.KeyOf(ofRsa));
        foreach (ECCurve curve in (ECCurve[])[ECCurve.NamedCurves.nistP384, ECCurve.NamedCurves.nistP521])
        {
            using var pair = ECDsa.Create(curve);
            using X509Certificate2 ofCurve = Signed(new CertificateRequest("CN=p", pair, HashAlgorithmName.SHA256));
            Assert.Null(PeerCertificate.KeyOf(ofCurve));
        }
        Assert.Null(PeerCertificate.KeyOf(null));
    }

    static X509Certificate2 Signed(CertificateRequest request) =>
        request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
}
