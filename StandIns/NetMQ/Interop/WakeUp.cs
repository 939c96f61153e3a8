using System.Runtime.InteropServices;

namespace NetMQ.Interop;

/// <summary>A descriptor that any thread can make readable: Linux's eventfd.</summary>
sealed unsafe partial class WakeUp : IDisposable
{
    const int NonBlocking = 0x800;
    const int CloseOnExec = 0x80000;
    readonly Lock gate = new();
    bool set;
    bool disposed;

    internal WakeUp()
    {
        Descriptor = EventFd(0, NonBlocking | CloseOnExec);
        if (Descriptor < 0)
            throw Zmq.Error("eventfd");
    }

    internal int Descriptor { get; }

    internal void Set()
    {
        lock (gate)
        {
            if (set || disposed)
                return;
            ulong one = 1;
            if (Write(Descriptor, &one, sizeof(ulong)) != sizeof(ulong))
                throw Zmq.Error("writing to an eventfd");
            set = true;
        }
    }

    internal void Reset()
    {
        lock (gate)
        {
            if (!set || disposed)
                return;
            ulong count;
            if (Read(Descriptor, &count, sizeof(ulong)) != sizeof(ulong))
                throw Zmq.Error("reading from an eventfd");
            set = false;
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            if (!disposed)
                _ = CloseDescriptor(Descriptor);
            disposed = true;
        }
    }

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseDescriptor(int descriptor);
}
