namespace NetMQ;

[Flags]
public enum PollEvents
{
    None = 0,
    PollIn = 1,
    PollOut = 2,
    PollError = 4,
}

public enum MsgType : byte
{
    Uninitialised = 0,
    Empty = 101,
    GC = 102,
    Pool = 103,
    Delimiter = 104,
    Join = 106,
    Leave = 107,
}

[Flags]
public enum MsgFlags : byte
{
    None = 0,
    More = 1,
    Command = 2,
    Identity = 64,
    Shared = 128,
}

[Flags]
public enum SocketEvents
{
    Connected = 1,
    ConnectDelayed = 2,
    ConnectRetried = 4,
    Listening = 8,
    BindFailed = 16,
    Accepted = 32,
    AcceptFailed = 64,
    Closed = 128,
    CloseFailed = 256,
    Disconnected = 512,
    All = 1023,
}

public enum ZmqSocketType
{
    Pair = 0,
    Dealer = 5,
    Router = 6,
    Pull = 7,
    Push = 8,
    None = -1,
}
