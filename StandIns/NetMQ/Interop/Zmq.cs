using System.Reflection;
using System.Runtime.InteropServices;

namespace NetMQ.Interop;

/// <summary>libzmq 4.3's C functions, as its manual describes them.</summary>
static unsafe partial class Zmq
{
    internal const int DontWait = 1;
    internal const int SendMore = 2;
    internal const short PollIn = 1;
    internal const short PollOut = 2;
    internal const short PollErr = 4;

    /// <summary>zmq_msg_t is 64 bytes, aligned as a pointer.</summary>
    internal const int MessageWords = 8;

    const string Library = "zmq";

    static Zmq() => NativeLibrary.SetDllImportResolver(typeof(Zmq).Assembly, Resolve);

    [LibraryImport(Library, EntryPoint = "zmq_ctx_new", SetLastError = true)]
    internal static partial nint ContextNew();

    [LibraryImport(Library, EntryPoint = "zmq_ctx_set", SetLastError = true)]
    internal static partial int ContextSet(nint context, int option, int value);

    [LibraryImport(Library, EntryPoint = "zmq_ctx_get", SetLastError = true)]
    internal static partial int ContextGet(nint context, int option);

    [LibraryImport(Library, EntryPoint = "zmq_ctx_shutdown", SetLastError = true)]
    internal static partial int ContextShutdown(nint context);

    [LibraryImport(Library, EntryPoint = "zmq_ctx_term", SetLastError = true)]
    internal static partial int ContextTerm(nint context);

    [LibraryImport(Library, EntryPoint = "zmq_socket", SetLastError = true)]
    internal static partial nint Socket(nint context, int type);

    [LibraryImport(Library, EntryPoint = "zmq_close", SetLastError = true)]
    internal static partial int Close(nint socket);

    [LibraryImport(Library, EntryPoint = "zmq_bind", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int Bind(nint socket, string endpoint);

    [LibraryImport(Library, EntryPoint = "zmq_unbind", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int Unbind(nint socket, string endpoint);

    [LibraryImport(Library, EntryPoint = "zmq_connect", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int Connect(nint socket, string endpoint);

    [LibraryImport(Library, EntryPoint = "zmq_disconnect", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int Disconnect(nint socket, string endpoint);

    [LibraryImport(Library, EntryPoint = "zmq_socket_monitor", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int SocketMonitor(nint socket, string endpoint, int events);

    [LibraryImport(Library, EntryPoint = "zmq_setsockopt", SetLastError = true)]
    internal static partial int SetOption(nint socket, int option, void* value, nuint length);

    [LibraryImport(Library, EntryPoint = "zmq_getsockopt", SetLastError = true)]
    internal static partial int GetOption(nint socket, int option, void* value, nuint* length);

    [LibraryImport(Library, EntryPoint = "zmq_send", SetLastError = true)]
    internal static partial int Send(nint socket, byte* data, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "zmq_msg_init", SetLastError = true)]
    internal static partial int MessageInit(ulong* message);

    [LibraryImport(Library, EntryPoint = "zmq_msg_recv", SetLastError = true)]
    internal static partial int MessageReceive(ulong* message, nint socket, int flags);

    [LibraryImport(Library, EntryPoint = "zmq_msg_data")]
    internal static partial byte* MessageData(ulong* message);

    [LibraryImport(Library, EntryPoint = "zmq_msg_size")]
    internal static partial nuint MessageSize(ulong* message);

    [LibraryImport(Library, EntryPoint = "zmq_msg_more")]
    internal static partial int MessageMore(ulong* message);

    [LibraryImport(Library, EntryPoint = "zmq_msg_close")]
    internal static partial int MessageClose(ulong* message);

    [LibraryImport(Library, EntryPoint = "zmq_poll", SetLastError = true)]
    internal static partial int Poll(PollItem* items, int count, long milliseconds);

    [LibraryImport(Library, EntryPoint = "zmq_strerror")]
    internal static partial nint ErrorText(int error);

    [LibraryImport(Library, EntryPoint = "zmq_curve_keypair", SetLastError = true)]
    internal static partial int CurveKeyPair(byte* publicKey, byte* secretKey);

    [LibraryImport(Library, EntryPoint = "zmq_curve_public", SetLastError = true)]
    internal static partial int CurvePublic(byte* publicKey, byte* secretKey);

    [LibraryImport(Library, EntryPoint = "zmq_z85_encode", SetLastError = true)]
    internal static partial nint Z85Encode(byte* text, byte* data, nuint size);

    [LibraryImport(Library, EntryPoint = "zmq_z85_decode", SetLastError = true)]
    internal static partial nint Z85Decode(byte* data, byte* text);

    /// <summary>Throws what libzmq's last error means.</summary>
    internal static void Check(int result, string what)
    {
        if (result == -1)
            throw Error(what);
    }

    internal static NetMQException Error(string what) => Errors.ToException(Marshal.GetLastPInvokeError(), what);

    static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name != Library)
            return 0;
        foreach (string candidate in new[] { "libzmq.so.5", "libzmq.so", "libzmq.5.dylib", "libzmq" })
            if (NativeLibrary.TryLoad(candidate, assembly, searchPath, out nint handle))
                return handle;
        throw new DllNotFoundException("libzmq 4.3 (libzmq.so.5) is not installed; ./setup.sh installs it.");
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollItem
    {
        internal nint Socket;
        internal int Descriptor;
        internal short Events;
        internal short Returned;
    }
}
