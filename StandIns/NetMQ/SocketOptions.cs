using System.Text;
using NetMQ.Interop;

namespace NetMQ;

/// <summary>A socket's settings; most must be set before it binds or connects.</summary>
public class SocketOptions(NetMQSocket socket)
{
    const int KeyLength = 32;

    public long Affinity { get => GetInt64(4); set => Set(4, value); }

    public byte[] Identity { get => GetBytes(5, 256); set => Set(5, value); }

    public int SendBuffer { get => GetInt32(11); set => Set(11, value); }

    public int ReceiveBuffer { get => GetInt32(12); set => Set(12, value); }

    public bool ReceiveMore => GetInt32(13) != 0;

    /// <summary>How long a closed socket may go on sending what it has; below zero: without end.</summary>
    public TimeSpan Linger { get => GetMilliseconds(17); set => SetMilliseconds(17, value); }

    public TimeSpan ReconnectInterval { get => GetMilliseconds(18); set => SetMilliseconds(18, value); }

    public int Backlog { get => GetInt32(19); set => Set(19, value); }

    /// <summary>Above <see cref="ReconnectInterval"/>: the wait doubles up to this.</summary>
    public TimeSpan ReconnectIntervalMax { get => GetMilliseconds(21); set => SetMilliseconds(21, value); }

    /// <summary>Bytes; a peer that sends a larger frame is cut off. -1: any size.</summary>
    public long MaxMsgSize { get => GetInt64(22); set => Set(22, value); }

    public int SendHighWatermark { get => GetInt32(23); set => Set(23, value); }

    public int ReceiveHighWatermark { get => GetInt32(24); set => Set(24, value); }

    public string LastEndpoint => Encoding.UTF8.GetString(GetBytes(32, 1024)).TrimEnd('\0');

    public bool RouterMandatory { set => Set(33, value ? 1 : 0); }

    public bool TcpKeepalive { get => GetInt32(34) == 1; set => Set(34, value ? 1 : 0); }

    public int TcpKeepaliveCnt { get => GetInt32(35); set => Set(35, value); }

    public TimeSpan TcpKeepaliveIdle { get => GetSeconds(36); set => SetSeconds(36, value); }

    public TimeSpan TcpKeepaliveInterval { get => GetSeconds(37); set => SetSeconds(37, value); }

    /// <summary>Frames are queued only for connections that stand.</summary>
    public bool DelayAttachOnConnect { get => GetInt32(39) != 0; set => Set(39, value ? 1 : 0); }

    public bool IPv4Only { get => GetInt32(42) == 0; set => Set(42, value ? 0 : 1); }

    public bool CurveServer { get => GetInt32(47) != 0; set => Set(47, value ? 1 : 0); }

    public NetMQCertificate CurveCertificate
    {
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            if (!value.HasSecretKey)
                throw new ArgumentException("CurveCertificate has no secret key.", nameof(value));
            Set(48, value.PublicKey);
            Set(49, value.SecretKey);
        }
    }

    /// <summary>The server's public key: makes this socket a CURVE client.</summary>
    public byte[] CurveServerKey
    {
        get => GetBytes(50, KeyLength);
        set
        {
            if (value?.Length != KeyLength)
                throw new ArgumentException(
                    $"CurveServerKey has {value?.Length ?? 0} bytes; {KeyLength} are needed.", nameof(value));
            Set(50, value);
        }
    }

    public NetMQCertificate CurveServerCertificate { set => CurveServerKey = value.PublicKey; }

    public bool RouterHandover { set => Set(56, value ? 1 : 0); }

    public TimeSpan HeartbeatInterval { get => GetMilliseconds(75); set => SetMilliseconds(75, value); }

    public TimeSpan HeartbeatTtl { get => GetMilliseconds(76); set => SetMilliseconds(76, value); }

    public TimeSpan HeartbeatTimeout { get => GetMilliseconds(77); set => SetMilliseconds(77, value); }

    TimeSpan GetMilliseconds(int option) => TimeSpan.FromMilliseconds(GetInt32(option));

    void SetMilliseconds(int option, TimeSpan value) => Set(option, checked((int)value.TotalMilliseconds));

    /// <summary>-1 is the system's own choice, which NetMQ writes as -1 ms.</summary>
    TimeSpan GetSeconds(int option) =>
        GetInt32(option) is int seconds and >= 0 ? TimeSpan.FromSeconds(seconds) : TimeSpan.FromMilliseconds(-1);

    void SetSeconds(int option, TimeSpan value) =>
        Set(option, value < TimeSpan.Zero ? -1 : checked((int)Math.Ceiling(value.TotalSeconds)));

    unsafe int GetInt32(int option)
    {
        int value = 0;
        nuint length = sizeof(int);
        Zmq.Check(Zmq.GetOption(socket.Handle, option, &value, &length), $"reading socket option {option}");
        return value;
    }

    unsafe long GetInt64(int option)
    {
        long value = 0;
        nuint length = sizeof(long);
        Zmq.Check(Zmq.GetOption(socket.Handle, option, &value, &length), $"reading socket option {option}");
        return value;
    }

    unsafe byte[] GetBytes(int option, int limit)
    {
        byte* value = stackalloc byte[limit];
        nuint length = (nuint)limit;
        Zmq.Check(Zmq.GetOption(socket.Handle, option, value, &length), $"reading socket option {option}");
        return new Span<byte>(value, (int)length).ToArray();
    }

    unsafe void Set(int option, int value) =>
        Zmq.Check(Zmq.SetOption(socket.Handle, option, &value, sizeof(int)), $"setting socket option {option} to {value}");

    unsafe void Set(int option, long value) =>
        Zmq.Check(Zmq.SetOption(socket.Handle, option, &value, sizeof(long)), $"setting socket option {option} to {value}");

    unsafe void Set(int option, byte[] value)
    {
        fixed (byte* bytes = value)
            Zmq.Check(
                Zmq.SetOption(socket.Handle, option, bytes, (nuint)value.Length),
                $"setting socket option {option} to {value.Length} bytes");
    }
}
