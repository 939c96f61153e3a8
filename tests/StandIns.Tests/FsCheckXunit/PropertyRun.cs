using FsCheck.Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace DecentralizedLion.StandIns.Tests.FsCheckXunit;

/// <summary>Runs one property as xunit would, and keeps what it would report.</summary>
sealed class PropertyRun : LongLivedMarshalByRefObject, IMessageBus
{
    readonly List<IMessageSinkMessage> messages = [];

    public ITestFailed? Failed => messages.OfType<ITestFailed>().SingleOrDefault();

    public ITestSkipped? Skipped => messages.OfType<ITestSkipped>().SingleOrDefault();

    public ITestPassed? Passed => messages.OfType<ITestPassed>().SingleOrDefault();

    public string Message => Failed == null ? "" : string.Join("\n", Failed.Messages);

    public static async Task<PropertyRun> Of<T>(string method, params object[] constructorArguments)
    {
        var run = new PropertyRun();
        var sink = new NullMessageSink();
        var assembly = new TestAssembly(Reflector.Wrap(typeof(T).Assembly));
        var collection = new TestCollection(assembly, null, "samples");
        var testClass = new TestClass(collection, Reflector.Wrap(typeof(T)));
        IMethodInfo info = testClass.Class.GetMethod(method, includePrivateMethod: false);
        IAttributeInfo attribute = info.GetCustomAttributes(typeof(PropertyAttribute)).Single();
        IXunitTestCase testCase = new PropertyDiscoverer(sink)
            .Discover(new Options(), new TestMethod(testClass, info), attribute)
            .Single();
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
    }

    /// <summary>Every option at its default.</summary>
    sealed class Options : ITestFrameworkDiscoveryOptions
    {
        public TValue GetValue<TValue>(string name) => default!;

        public void SetValue<TValue>(string name, TValue value) => throw new NotSupportedException(name);
    }
}
