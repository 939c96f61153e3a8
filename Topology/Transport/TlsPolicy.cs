using System.Security.Cryptography.X509Certificates;

namespace DecentralizedLion.Topology.Transport;

/// <summary>The settings that both sides of a handshake have in common.</summary>
static class TlsPolicy
{
    /// <summary>A certificate proves its own key and nothing else: no chain is built, and nothing is fetched for one.</summary>
    public static X509ChainPolicy NoChain => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        VerificationFlags = X509VerificationFlags.AllFlags,
        DisableCertificateDownloads = true,
    };
}
