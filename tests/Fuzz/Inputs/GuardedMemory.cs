using System.Buffers;
using System.Runtime.InteropServices;

namespace DecentralizedLion.Fuzz.Inputs;

/// <summary>
/// Memory behind which lies a page that nobody may touch: an input is put right before it, so that reading one byte too many ends
/// the process instead of going unseen.
/// </summary>
sealed unsafe partial class GuardedMemory : MemoryManager<byte>
{
    const int ReadWrite = 3, None = 0, PrivateAnonymous = 0x22;

    readonly byte* start;
    readonly nuint mapped;
    readonly int capacity;

    public GuardedMemory(int least)
    {
        int page = Environment.SystemPageSize;
        capacity = (least + page - 1) / page * page;
        mapped = (nuint)(capacity + page);
        start = (byte*)Map(null, mapped, ReadWrite, PrivateAnonymous, -1, 0);
        if (start == (byte*)-1 || Protect(start + capacity, (nuint)page, None) != 0)
            throw new InvalidOperationException($"{mapped} bytes cannot be mapped: error {Marshal.GetLastPInvokeError()}");
    }

    /// <summary>A copy of the input that ends where the memory does.</summary>
    public ReadOnlyMemory<byte> Place(ReadOnlySpan<byte> input)
    {
        Memory<byte> place = Memory[(capacity - input.Length)..];
        input.CopyTo(place.Span);
        return place;
    }

    public override Span<byte> GetSpan() => new(start, capacity);

    public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

    public override void Unpin()
    {
        // It never moves.
    }

    protected override void Dispose(bool disposing) => Unmap(start, mapped);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(void* address, nuint length);
}
