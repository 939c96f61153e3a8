using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace FsCheck.Xunit;

/// <summary>Gives the property an output, also where its class asks for none.</summary>
sealed class PropertyTestRunner(
    ITest test,
    IMessageBus messageBus,
    Type testClass,
    object[] constructorArguments,
    MethodInfo testMethod,
    object[] testMethodArguments,
    string skipReason,
    IReadOnlyList<BeforeAfterTestAttribute> beforeAfterAttributes,
    ExceptionAggregator aggregator,
    CancellationTokenSource cancellationTokenSource)
    : XunitTestRunner(
        test, messageBus, testClass, constructorArguments, testMethod, testMethodArguments, skipReason,
        beforeAfterAttributes, aggregator, cancellationTokenSource)
{
    protected override async Task<Tuple<decimal, string>> InvokeTestAsync(ExceptionAggregator aggregator)
    {
        // xunit leaves the making of the output to each test: a constructor's argument may be the function that makes it.
        object[] arguments = [.. ConstructorArguments.Select(a => a is Func<TestOutputHelper> make ? make() : a)];
        TestOutputHelper output = arguments.OfType<TestOutputHelper>().FirstOrDefault() ?? new TestOutputHelper();
        output.Initialize(MessageBus, Test);
        var invoker = new PropertyTestInvoker(
            Test, MessageBus, TestClass, arguments, TestMethod, TestMethodArguments,
            BeforeAfterAttributes, aggregator, CancellationTokenSource, output);
        decimal seconds = await invoker.RunAsync();
        string text = output.Output;
        output.Uninitialize();
        return Tuple.Create(seconds, text);
    }
}
