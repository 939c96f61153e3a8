using FsCheck.Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace DecentralizedLion.Codecs.Tests.Properties;

/// <summary>One property, run by xunit as any other, and what xunit was told of it.</summary>
sealed class PropertyRun : LongLivedMarshalByRefObject, IMessageBus
{
    readonly List<IMessageSinkMessage> messages = [];

    public ITestFailed? Failed => messages.OfType<ITestFailed>().SingleOrDefault();

    public ITestPassed? Passed => messages.OfType<ITestPassed>().SingleOrDefault();

    /// <summary>The failure's message; empty when there is none.</summary>
    public string Message => Failed is null ? "" : string.Join("\n", Failed.Messages);

    /// <summary>Runs a method of a class that the test runner does not look into.</summary>
    public static async Task<PropertyRun> Of<T>(string method, params object[] constructorArguments)
    {
        var run = new PropertyRun();
        var sink = new NullMessageSink();
        var assembly = new TestAssembly(Reflector.Wrap(typeof(T).Assembly));
        var testClass = new TestClass(new TestCollection(assembly, null, "samples"), Reflector.Wrap(typeof(T)));
        IMethodInfo info = testClass.Class.GetMethod(method, includePrivateMethod: false);
        IAttributeInfo attribute = info.GetCustomAttributes(typeof(PropertyAttribute)).Single();
        IXunitTestCaseDiscoverer discoverer = new PropertyDiscoverer(sink);
        IXunitTestCase testCase = discoverer.Discover(new Options(), new TestMethod(testClass, info), attribute).Single();
        using var cancel = new CancellationTokenSource();
        await testCase.RunAsync(sink, run, constructorArguments, new ExceptionAggregator(), cancel);
        return run;
    }

    public bool QueueMessage(IMessageSinkMessage message)
    {
        messages.Add(message);
        return true;
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    /// <summary>Every option at its default.</summary>
    sealed class Options : ITestFrameworkDiscoveryOptions
    {
        public TValue GetValue<TValue>(string name) => default!;

        public void SetValue<TValue>(string name, TValue value) => throw new NotSupportedException(name);
    }
}
