using System.Buffers;

namespace NetMQ;

/// <summary>Where the memory of pooled messages comes from.</summary>
public static class BufferPool
{
    public static byte[] Take(int size) => ArrayPool<byte>.Shared.Rent(size);

    public static void Return(byte[] buffer) => ArrayPool<byte>.Shared.Return(buffer);
}
