using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace DecentralizedLion.Topology.Security;

/// <summary>A peer's own key pair over P-256. What is secret leaves it as text for the key file only.</summary>
sealed class PeerKeyPair : IDisposable
{
    const string CurveName = "1.2.840.10045.3.1.7"; // P-256

    readonly ECDsa pair;

    PeerKeyPair(ECDsa pair)
    {
        this.pair = pair;
        Public = PeerPublicKey.Of(pair.ExportParameters(includePrivateParameters: false).Q);
    }

    /// <summary>The half that the others know.</summary>
    public PeerPublicKey Public { get; }

    /// <summary>Makes a new one by the system's random numbers.</summary>
    public static PeerKeyPair Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads the text of a key file: PEM, as <see cref="ToPem"/> or OpenSSL writes it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="key">The key, when it is one.</param>
    /// <param name="reason">Why it is none.</param>
    public static bool TryRead(string text, [NotNullWhen(true)] out PeerKeyPair? key, out string reason)
    {
        key = null;
        reason = "";
        var pair = ECDsa.Create();
        try
        {
            pair.ImportFromPem(text);
            ECParameters parameters = pair.ExportParameters(includePrivateParameters: true); // fails for half a key
            CryptographicOperations.ZeroMemory(parameters.D);
            if (IsOfCurve(parameters))
                key = new PeerKeyPair(pair);
            else
                reason = $"a key of another curve ({parameters.Curve.Oid.FriendlyName ?? parameters.Curve.Oid.Value})";
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            reason = "not a secret key in PEM";
        }
        if (key is null)
            pair.Dispose();
        return key is not null;
    }

    /// <summary>The secret as text for a key file: PKCS #8 in PEM.</summary>
    public string ToPem() => pair.ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>The pair once more, to sign with; its owner disposes of it.</summary>
    internal ECDsa NewSigner()
    {
        ECParameters parameters = pair.ExportParameters(includePrivateParameters: true);
        try
        {
            return ECDsa.Create(parameters);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(parameters.D);
        }
    }

    /// <summary>True when a key is one of the curve P-256.</summary>
    internal static bool IsOfCurve(in ECParameters parameters) =>
        parameters.Curve.IsNamed && parameters.Curve.Oid.Value == CurveName;

    /// <inheritdoc/>
    public void Dispose() => pair.Dispose();
}
