namespace FsCheck.Xunit;

/// <summary>
/// The property does not hold; the message has the arguments, as made and as shrunk, and the seed that repeats the run.
/// </summary>
public class PropertyFailedException : Exception
{
    public PropertyFailedException(TestResult testResult)
        : base(Environment.NewLine + Runner.onFinishedToString("", testResult))
    {
    }

    public PropertyFailedException(string userMessage, Exception innerException)
        : base(userMessage, innerException)
    {
    }
}
