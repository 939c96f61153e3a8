using System.Text;
using NetMQ.Interop;

namespace NetMQ;

/// <summary>A key pair of CURVE (X25519), or its public half.</summary>
public class NetMQCertificate
{
    const int KeyLength = 32;
    const int TextLength = 40;

    public unsafe NetMQCertificate()
    {
        byte* publicText = stackalloc byte[TextLength + 1];
        byte* secretText = stackalloc byte[TextLength + 1];
        Zmq.Check(Zmq.CurveKeyPair(publicText, secretText), "making a CURVE key pair");
        PublicKey = Decode(publicText);
        SecretKey = Decode(secretText);
    }

    public NetMQCertificate(byte[] secretKey, byte[] publicKey)
    {
        SecretKey = Checked(secretKey, nameof(secretKey));
        PublicKey = Checked(publicKey, nameof(publicKey));
    }

    public NetMQCertificate(string secretKey, string publicKey)
        : this(FromZ85(secretKey, nameof(secretKey)), FromZ85(publicKey, nameof(publicKey)))
    {
    }

    NetMQCertificate(byte[] publicKey) => PublicKey = Checked(publicKey, nameof(publicKey));

    public byte[] SecretKey { get; }

    public byte[] PublicKey { get; }

    public bool HasSecretKey => SecretKey != null;

    public string SecretKeyZ85 => SecretKey == null ? null : ToZ85(SecretKey);

    public string PublicKeyZ85 => ToZ85(PublicKey);

    public static NetMQCertificate CreateFromSecretKey(byte[] secretKey) =>
        new(secretKey, PublicOf(Checked(secretKey, nameof(secretKey))));

    public static NetMQCertificate CreateFromSecretKey(string secretKey) =>
        CreateFromSecretKey(FromZ85(secretKey, nameof(secretKey)));

    public static NetMQCertificate FromPublicKey(byte[] publicKey) => new(publicKey);

    public static NetMQCertificate FromPublicKey(string publicKey) => new(FromZ85(publicKey, nameof(publicKey)));

    static unsafe byte[] PublicOf(byte[] secretKey)
    {
        byte* publicText = stackalloc byte[TextLength + 1];
        fixed (byte* secretText = Encoding.ASCII.GetBytes(ToZ85(secretKey) + '\0'))
            Zmq.Check(Zmq.CurvePublic(publicText, secretText), "deriving a CURVE public key");
        return Decode(publicText);
    }

    static unsafe string ToZ85(byte[] key)
    {
        byte* text = stackalloc byte[TextLength + 1];
        fixed (byte* bytes = key)
            if (Zmq.Z85Encode(text, bytes, KeyLength) == 0)
                throw Zmq.Error("encoding a key");
        return Encoding.ASCII.GetString(text, TextLength);
    }

    static unsafe byte[] FromZ85(string key, string name)
    {
        if (key?.Length != TextLength)
            throw new ArgumentException($"{name} has {key?.Length ?? 0} characters; {TextLength} of Z85 are needed.", name);
        fixed (byte* text = Encoding.ASCII.GetBytes(key + '\0'))
            return Decode(text);
    }

    static unsafe byte[] Decode(byte* text)
    {
        byte[] key = new byte[KeyLength];
        fixed (byte* bytes = key)
            if (Zmq.Z85Decode(bytes, text) == 0)
                throw Zmq.Error("decoding a key");
        return key;
    }

    static byte[] Checked(byte[] key, string name) =>
        key?.Length == KeyLength
            ? key
            : throw new ArgumentException($"{name} has {key?.Length ?? 0} bytes; {KeyLength} are needed.", name);
}
