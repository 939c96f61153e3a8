using System.Runtime.InteropServices;

namespace DecentralizedLion.Models;

/// <summary>The C library's allocator, from which libtorch takes its tensors on the CPU.</summary>
static partial class HostAllocator
{
    // Of malloc.h.
    const int TrimThreshold = -1, MmapThreshold = -3;

    /// <summary>
    /// Has glibc keep what is freed, for the next step to use. By default it gives large tensors back to the kernel, step after
    /// step, and clearing the pages anew takes a quarter of a step of the built-in ViT. Other C libraries keep their ways.
    /// </summary>
    public static void KeepFreed()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = mallopt(MmapThreshold, 1 << 30);
            _ = mallopt(TrimThreshold, int.MaxValue);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Not glibc: it is only slower.
        }
    }

    [LibraryImport("libc.so.6")]
    private static partial int mallopt(int parameter, int value);
}
