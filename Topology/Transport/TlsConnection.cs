using System.Net.Security;
using System.Net.Sockets;

namespace DecentralizedLion.Topology.Transport;

/// <summary>A TCP connection to another peer with TLS over it, both sides' keys being known.</summary>
sealed class TlsConnection(Socket socket, SslStream stream) : IDisposable
{
    const int TcpLevel = 6, LinuxUserTimeout = 18;

    // Whose host lost power or its address is dialled anew after this, by its name.
    const int UnacknowledgedLimitMilliseconds = 10_000;
    const int KeepAliveSeconds = 10, KeepAliveRetrySeconds = 5, KeepAliveRetries = 3;

    /// <summary>The stream of the connection.</summary>
    public SslStream Stream => stream;

    /// <summary>Sets what every socket of a link needs: no delay, and an end when the other host does not answer any
    /// more.</summary>
    public static void Configure(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveRetrySeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveRetries);
        if (OperatingSystem.IsLinux())
            socket.SetRawSocketOption(TcpLevel, LinuxUserTimeout, BitConverter.GetBytes(UnacknowledgedLimitMilliseconds));
    }

    /// <summary>Says to the other side that nothing more comes from here.</summary>
    public async Task EndOutputAsync()
    {
        await stream.ShutdownAsync();
        socket.Shutdown(SocketShutdown.Send);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stream.Dispose();
        socket.Dispose();
    }
}
