using System.Buffers;
using System.Numerics;
using NetMQ;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// The memory of NetMQ's messages, from the arrays that all of the process shares. NetMQ's own pool allocates an array for each
/// message and leaves it to the garbage collector.
/// </summary>
sealed class ArrayBufferPool : IBufferPool
{
    const int SharedArrayMin = 16;

    /// <summary>Makes this the pool of all of NetMQ's sockets in this process.</summary>
    public static void Install() => BufferPool.SetCustomBufferPool(new ArrayBufferPool());

    /// <inheritdoc/>
    public byte[] Take(int size) => ArrayPool<byte>.Shared.Rent(size);

    /// <inheritdoc/>
    public void Return(byte[] buffer)
    {
        // A message that was made before this was installed has an array of NetMQ's own, which the shared pool may refuse.
        if (buffer.Length >= SharedArrayMin && BitOperations.IsPow2(buffer.Length))
            ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
