namespace NetMQ;

/// <summary>What libzmq reports as an error.</summary>
public class NetMQException : Exception
{
    public NetMQException()
    {
    }

    public NetMQException(string message)
        : base(message)
    {
    }

    public NetMQException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    protected NetMQException(Exception innerException, string message, ErrorCode errorCode)
        : base(message, innerException) => ErrorCode = errorCode;

    public ErrorCode ErrorCode { get; }

    public static NetMQException Create(ErrorCode errorCode) => Create(errorCode.ToString(), errorCode);

    public static NetMQException Create(ErrorCode errorCode, Exception innerException) =>
        new(innerException, errorCode.ToString(), errorCode);

    public static NetMQException Create(string message, ErrorCode errorCode) => new(null, message, errorCode);
}
