using System.Runtime.InteropServices;

namespace NetMQ.Interop;

/// <summary>Linux's and libzmq's error numbers, and what NetMQ calls them.</summary>
static class Errors
{
    internal const int Interrupted = 4;
    internal const int TryAgain = 11;
    internal const int Terminated = OwnErrors + 53;

    /// <summary>libzmq's own errors count from here.</summary>
    const int OwnErrors = 156384712;

    internal static NetMQException ToException(int error, string what)
    {
        string text = $"{what}: {Marshal.PtrToStringUTF8(Zmq.ErrorText(error))}";
        return error switch
        {
            2 => new EndpointNotFoundException(text),
            22 => new InvalidException(text),
            93 => NetMQException.Create(text, ErrorCode.ProtocolNotSupported),
            98 => new AddressAlreadyInUseException(text),
            Terminated => new TerminatingException(text),
            _ => NetMQException.Create(text, ToCode(error)),
        };
    }

    internal static ErrorCode ToCode(int error) => error switch
    {
        2 => ErrorCode.EndpointNotFound,
        13 => ErrorCode.AccessDenied,
        14 => ErrorCode.Fault,
        22 => ErrorCode.Invalid,
        24 => ErrorCode.TooManyOpenSockets,
        TryAgain => ErrorCode.TryAgain,
        115 => ErrorCode.InProgress,
        93 => ErrorCode.ProtocolNotSupported,
        98 => ErrorCode.AddressAlreadyInUse,
        99 => ErrorCode.AddressNotAvailable,
        90 => ErrorCode.MessageSize,
        97 => ErrorCode.AddressFamilyNotSupported,
        100 => ErrorCode.NetworkDown,
        101 => ErrorCode.NetworkUnreachable,
        102 => ErrorCode.NetworkReset,
        103 => ErrorCode.ConnectionAborted,
        104 => ErrorCode.ConnectionReset,
        105 => ErrorCode.NoBufferSpaceAvailable,
        107 => ErrorCode.NotConnected,
        110 => ErrorCode.TimedOut,
        111 => ErrorCode.ConnectionRefused,
        113 => ErrorCode.HostUnreachable,
        OwnErrors + 51 => ErrorCode.FiniteStateMachine,
        Terminated => ErrorCode.ContextTerminated,
        OwnErrors + 54 => ErrorCode.EmptyThread,
        _ => ErrorCode.Fault,
    };
}
