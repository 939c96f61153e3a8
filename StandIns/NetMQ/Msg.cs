using System.Text;

namespace NetMQ;

/// <summary>One frame, in managed memory. It must be initialised before use and closed after it.</summary>
public struct Msg
{
    byte[] data;
    int offset;

    public MsgType MsgType { get; private set; }

    public MsgFlags Flags { get; private set; }

    public int Size { get; private set; }

    [Obsolete("Use implicit casting to Span or Slice instead")]
    public readonly int Offset => offset;

    [Obsolete("Use implicit casting to Span or Slice instead")]
    public readonly byte[] Data => data;

    public readonly bool HasMore => (Flags & MsgFlags.More) != 0;

    public readonly bool IsIdentity => (Flags & MsgFlags.Identity) != 0;

    public readonly bool IsShared => (Flags & MsgFlags.Shared) != 0;

    public readonly bool IsEmpty => MsgType == MsgType.Empty;

    public readonly bool IsDelimiter => MsgType == MsgType.Delimiter;

    public readonly bool IsInitialised => MsgType != MsgType.Uninitialised;

    public readonly byte this[int index]
    {
        get => Slice()[index];
        set => Slice()[index] = value;
    }

    public static implicit operator Span<byte>(Msg msg) => msg.Slice();

    public static implicit operator ReadOnlySpan<byte>(Msg msg) => msg.Slice();

    public void InitEmpty() => Init(MsgType.Empty, null, 0, 0);

    /// <summary>A buffer of <see cref="BufferPool"/>, which <see cref="Close"/> returns.</summary>
    public void InitPool(int size) => Init(MsgType.Pool, BufferPool.Take(size), 0, size);

    public void InitGC(byte[] data, int size) => InitGC(data, 0, size);

    public void InitGC(byte[] data, int offset, int size)
    {
        ArgumentNullException.ThrowIfNull(data);
        _ = data.AsSpan(offset, size);
        Init(MsgType.GC, data, offset, size);
    }

    public void Close()
    {
        if (!IsInitialised)
            throw new FaultException("Msg is closed but was not initialised.");
        byte[] pooled = MsgType == MsgType.Pool ? data : null;
        Init(MsgType.Uninitialised, null, 0, 0);
        if (pooled != null)
            BufferPool.Return(pooled);
    }

    /// <summary>Takes over what <paramref name="src"/> has, which is empty then.</summary>
    public void Move(ref Msg src)
    {
        if (!src.IsInitialised)
            throw new FaultException("Msg moved from was not initialised.");
        if (IsInitialised)
            Close();
        this = src;
        src.InitEmpty();
    }

    public void SetFlags(MsgFlags flags) => Flags |= flags;

    public void ResetFlags(MsgFlags flags) => Flags &= ~flags;

    public readonly Span<byte> Slice() => data.AsSpan(offset, Size);

    public readonly Span<byte> Slice(int offset) => Slice()[offset..];

    public readonly Span<byte> Slice(int offset, int count) => Slice().Slice(offset, count);

    public readonly Memory<byte> SliceAsMemory() => data.AsMemory(offset, Size);

    public readonly void CopyTo(Span<byte> span) => Slice().CopyTo(span);

    public readonly byte[] ToArray() => Slice().ToArray();

    public readonly byte[] CloneData() => Slice().ToArray();

    public readonly string GetString(Encoding encoding) => encoding.GetString(Slice());

    public readonly string GetString(Encoding encoding, int offset, int count) => encoding.GetString(Slice(offset, count));

    public readonly void Put(byte b) => Slice()[0] = b;

    public readonly void Put(byte b, int i) => Slice()[i] = b;

    public readonly void Put(byte[] src, int dstOffset, int len) => Put(src, 0, dstOffset, len);

    public readonly void Put(byte[] src, int srcOffset, int dstOffset, int len) =>
        src.AsSpan(srcOffset, len).CopyTo(Slice(dstOffset));

    public readonly void Put(Span<byte> src, int offset) => src.CopyTo(Slice(offset));

    public readonly void Put(Encoding encoding, string str, int index) => encoding.GetBytes(str, Slice(index));

    /// <summary>Cuts the first bytes off.</summary>
    public void TrimPrefix(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Size);
        offset += count;
        Size -= count;
    }

    public override readonly string ToString() => $"{MsgType}[{Size}]{(HasMore ? " more" : "")}";

    void Init(MsgType type, byte[] bytes, int first, int size)
    {
        data = bytes;
        MsgType = type;
        Flags = MsgFlags.None;
        offset = first;
        Size = size;
    }
}
