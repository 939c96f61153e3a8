using System.Reflection;
using Microsoft.FSharp.Core;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace FsCheck.Xunit;

/// <summary>Calls the method through FsCheck instead of once.</summary>
sealed class PropertyTestInvoker(
    ITest test,
    IMessageBus messageBus,
    Type testClass,
    object[] constructorArguments,
    MethodInfo testMethod,
    object[] testMethodArguments,
    IReadOnlyList<BeforeAfterTestAttribute> beforeAfterAttributes,
    ExceptionAggregator aggregator,
    CancellationTokenSource cancellationTokenSource,
    ITestOutputHelper output)
    : XunitTestInvoker(
        test, messageBus, testClass, constructorArguments, testMethod, testMethodArguments,
        beforeAfterAttributes, aggregator, cancellationTokenSource)
{
    protected override Task<decimal> InvokeTestMethodAsync(object testClassInstance)
    {
        Aggregator.Run(() => Timer.Aggregate(() => Check(testClassInstance)));
        return Task.FromResult(Timer.Total);
    }

    void Check(object target)
    {
        PropertySettings settings = PropertySettings.Of(TestMethod, TestClass);
        var runner = new PropertyRunner(output, settings.Verbose ?? false, settings.QuietOnSuccess ?? false);
        SynchronizationContext context = SynchronizationContext.Current;

        // FsCheck blocks this thread until a property's task ends, so the task must not need this thread to go on.
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            FSharpOption<object> instance = target == null ? FSharpOption<object>.None : FSharpOption<object>.Some(target);
            FsCheck.Check.Method(settings.ToConfig(runner), TestMethod, instance);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }

        runner.ThrowUnlessPassed();
    }
}
