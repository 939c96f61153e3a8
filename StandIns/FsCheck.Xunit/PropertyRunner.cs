using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Xunit.Abstractions;

namespace FsCheck.Xunit;

/// <summary>Hears FsCheck's events: keeps the result, and prints what xunit shall show.</summary>
sealed class PropertyRunner(ITestOutputHelper output, bool verbose, bool quietOnSuccess) : IRunner
{
    TestResult result;

    public void OnStartFixture(Type t)
    {
        // Only whole classes are fixtures to FsCheck; xunit finds the methods itself.
    }

    public void OnArguments(int n, FSharpList<object> args, FSharpFunc<int, FSharpFunc<FSharpList<object>, string>> every)
    {
        if (verbose)
            output.WriteLine(Runner.onArgumentsToString(n, args).TrimEnd());
    }

    public void OnShrink(FSharpList<object> args, FSharpFunc<FSharpList<object>, string> everyShrink)
    {
        if (verbose)
            output.WriteLine(Runner.onShrinkToString(args).TrimEnd());
    }

    public void OnFinished(string name, TestResult testResult)
    {
        result = testResult;
        if (testResult.IsPassed && !quietOnSuccess)
            output.WriteLine(Runner.onFinishedToString("", testResult).TrimEnd());
    }

    public void ThrowUnlessPassed()
    {
        if (result == null)
            throw new InvalidOperationException("FsCheck ended without a result.");
        if (!result.IsPassed)
            throw new PropertyFailedException(result);
    }
}
