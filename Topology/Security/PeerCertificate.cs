using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DecentralizedLion.Topology.Security;

/// <summary>
/// The self-signed certificate with which a peer proves in a TLS handshake that it has its key. Nothing in it but the public key
/// counts: the name and the dates are the same for all peers.
/// </summary>
sealed class PeerCertificate
{
    const string Subject = "CN=DecentralizedLion peer";

    static readonly DateTimeOffset notBefore = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero),
        notAfter = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);

    /// <summary>Makes the certificate of a key pair.</summary>
    public PeerCertificate(PeerKeyPair key)
    {
        Public = key.Public;
        using ECDsa signer = key.NewSigner();
        X509Certificate2 certificate = new CertificateRequest(Subject, signer, HashAlgorithmName.SHA256)
            .CreateSelfSigned(notBefore, notAfter);
        if (OperatingSystem.IsWindows())
        {
            // Windows' TLS does not take a private key that was never stored.
            using X509Certificate2 unstored = certificate;
            certificate = X509CertificateLoader.LoadPkcs12(unstored.Export(X509ContentType.Pkcs12), null);
        }
        Context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
    }

    /// <summary>The key that the certificate proves.</summary>
    public PeerPublicKey Public { get; }

    /// <summary>The certificate and its private key, ready for handshakes.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>The public key of another side's certificate; null when it is not a point of P-256.</summary>
    public static PeerPublicKey? KeyOf(X509Certificate? certificate)
    {
        if (certificate is not X509Certificate2 known)
            return null;
        try
        {
            using ECDsa? key = known.GetECDsaPublicKey();
            return key?.ExportParameters(includePrivateParameters: false) is { } parameters && PeerKeyPair.IsOfCurve(parameters)
                ? PeerPublicKey.Of(parameters.Q) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
