using System.Buffers;
using System.Net.Sockets;

namespace DecentralizedLion.Topology.Transport;

/// <summary>Joins a TLS connection to a loopback connection of a ZeroMQ socket: each side's bytes go to the other until one
/// ends.</summary>
static class ConnectionSplice
{
    const int BufferBytes = 1 << 16;

    /// <summary>The time that bytes on their way in the other direction may still take after one side has ended.</summary>
    static readonly TimeSpan finishing = TimeSpan.FromSeconds(1);

    /// <summary>Runs until both sides have ended, or a second after one has. Closes neither.</summary>
    public static async Task RunAsync(TlsConnection connection, Socket loopback, TimeProvider clock)
    {
        var guard = new ZmtpGuard();
        Task inward = CopyAsync(connection.Stream.ReadAsync, (bytes, stop) => PassAsync(guard, bytes, loopback, stop),
            () => EndAsync(loopback));
        Task outward = CopyAsync((buffer, stop) => loopback.ReceiveAsync(buffer, SocketFlags.None, stop),
            connection.Stream.WriteAsync, connection.EndOutputAsync);
        await Task.WhenAny(inward, outward);
        try
        {
            await Task.WhenAll(inward, outward).WaitAsync(finishing, clock);
        }
        catch (TimeoutException)
        {
            // The caller closes both sides, which ends the other direction.
        }
    }

    /// <summary>Copies until one side ends or breaks, and then tells the other side, without an exception.</summary>
    static async Task CopyAsync(Func<Memory<byte>, CancellationToken, ValueTask<int>> read,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, Func<Task> end)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (await read(buffer, CancellationToken.None) is > 0 and int length)
                await write(buffer.AsMemory(0, length), CancellationToken.None);
        }
        catch (Exception)
        {
            // A broken connection, whatever it was broken with (TLS has errors of its own), is an end: NetMQ resets the
            // connection of a socket that is closed.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        try
        {
            await end();
        }
        catch (Exception)
        {
            // There is nobody left to tell; the caller closes both sides.
        }
    }

    static ValueTask PassAsync(ZmtpGuard guard, ReadOnlyMemory<byte> bytes, Socket loopback, CancellationToken stop) =>
        guard.IsDone ? loopback.SendAllAsync(bytes, stop)
        : guard.TryPass(bytes.Span, out byte[] allowed) ? loopback.SendAllAsync(allowed, stop)
        : throw new InvalidDataException("no ZeroMQ socket of this program begins so");

    static async ValueTask SendAllAsync(this Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        while (bytes.Length > 0)
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, stop)..];
    }

    static Task EndAsync(Socket socket)
    {
        socket.Shutdown(SocketShutdown.Send);
        return Task.CompletedTask;
    }
}
