namespace NetMQ;

public class AddressAlreadyInUseException : NetMQException
{
    public AddressAlreadyInUseException(string message)
        : base(null, message, ErrorCode.AddressAlreadyInUse)
    {
    }
}

public class EndpointNotFoundException : NetMQException
{
    public EndpointNotFoundException(string message)
        : base(null, message, ErrorCode.EndpointNotFound)
    {
    }
}

public class InvalidException : NetMQException
{
    public InvalidException(string message)
        : base(null, message, ErrorCode.Invalid)
    {
    }
}

public class TerminatingException : NetMQException
{
    internal TerminatingException(string message)
        : base(null, message, ErrorCode.ContextTerminated)
    {
    }
}

public class FaultException : NetMQException
{
    internal FaultException(string message)
        : base(null, message, ErrorCode.Fault)
    {
    }
}
