using System.Buffers;
using NetMQ;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// The memory of NetMQ's messages, from the arrays that all of the process shares. NetMQ's own pool allocates an array for each
/// message and leaves it to the garbage collector.
/// </summary>
sealed class ArrayBufferPool : IBufferPool
{
    /// <summary>Makes this the pool of all of NetMQ's sockets in this process.</summary>
    public static void Install() => BufferPool.SetCustomBufferPool(new ArrayBufferPool());

    /// <inheritdoc/>
    public byte[] Take(int size) => ArrayPool<byte>.Shared.Rent(size);

    /// <inheritdoc/>
    public void Return(byte[] buffer) => ArrayPool<byte>.Shared.Return(buffer);

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
