namespace DecentralizedLion.Peer.Checkpoints;

/// <summary>The message about a file that cannot be written: which file, why, and what to do.</summary>
static class DiskFault
{
    // Of Linux and macOS; they are an exception's HResult as they are. Windows has its own in the lower 16 bits.
    const int NoPermission = 1, DeviceError = 5, AccessDenied = 13, NoSpace = 28, ReadOnly = 30;
    const int NoQuotaLinux = 122, NoQuotaMac = 69, NoSpaceWindows = 112, ReadOnlyWindows = 19;
    const int LockedLinux = 11, LockedMac = 35, SharedWindows = 32, LockedWindows = 33;

    /// <summary>The system's error with the file's name and what to do about it; one that has both already stays as it
    /// is.</summary>
    public static IOException Of(string path, Exception e) => e is Named named ? named
        : new Named($"{path} cannot be written: {Reason(e)}", e) { HResult = e.HResult };

    /// <summary>True for an error of the system about a file.</summary>
    public static bool Is(Exception e) => e is IOException or UnauthorizedAccessException;

    /// <summary>True for an error that has the file's name and what to do already.</summary>
    public static bool IsNamed(IOException e) => e is Named;

    /// <summary>True when the disk is full, or this user's part of it.</summary>
    public static bool IsFull(IOException e) => OperatingSystem.IsWindows() ? Code(e) == NoSpaceWindows
        : Code(e) is NoSpace or NoQuotaLinux or NoQuotaMac;

    /// <summary>True when another process has the file.</summary>
    public static bool IsSharing(IOException e) => Code(e) is var code && (OperatingSystem.IsWindows()
        ? code is SharedWindows or LockedWindows : code is LockedLinux or LockedMac);

    /// <summary>The reason of a file's error, and the thing to do.</summary>
    public static string Reason(Exception e) => (OperatingSystem.IsWindows(), Code(e)) switch
    {
        (false, NoSpace) or (true, NoSpaceWindows) => "the disk is full; make room on it",
        (false, NoQuotaLinux or NoQuotaMac) => "this user's quota is used up; make room, or have it raised",
        (false, ReadOnly) or (true, ReadOnlyWindows) => "the file system is read-only; mount it writable, and read the "
            + "system's log: a faulty disk becomes read-only by itself",
        (false, DeviceError) => "the disk reports a fault; read the system's log, and choose another one",
        (false, NoPermission or AccessDenied) => "permission denied for this user; make the folder and its files writable, or "
            + "choose another place",
        _ when e is UnauthorizedAccessException => "permission denied for this user; make the folder and its files writable, or "
            + "choose another place",
        _ => e.Message,
    };

    static int Code(Exception e)
    {
        var result = e is UnauthorizedAccessException { InnerException: IOException inner } ? inner.HResult : e.HResult;
        return OperatingSystem.IsWindows() ? result & 0xFFFF : result;
    }

    sealed class Named(string message, Exception inner) : IOException(message, inner);
}
