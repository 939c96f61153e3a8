using DecentralizedLion.Topology.Simulation.World;
using Polly;
using Polly.Retry;

namespace DecentralizedLion.Topology.Tests.Simulation;

public sealed class VirtualLoopTests
{
    static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    readonly VirtualLoop loop = new();

    [Fact]
    public void Delays_take_virtual_time_only_and_stay_on_the_thread()
    {
        int thread = Environment.CurrentManagedThreadId;
        var seen = new List<string>();
        loop.Run(async () =>
        {
            await Task.WhenAll(Wait("b", 2), Wait("a", 1), Wait("c", 3), Wait("a2", 1));
            return 0;
        }, Hour);
        Assert.Equal(["a 00:01:00", "a2 00:01:00", "b 00:02:00", "c 00:03:00"], seen);

        async Task Wait(string name, int minutes)
        {
            await Task.Delay(TimeSpan.FromMinutes(minutes), loop.Clock);
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            await Task.Yield();
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            Assert.Same(loop, SynchronizationContext.Current);
            seen.Add($"{name} {loop.Clock.Elapsed}");
        }
    }

    [Fact]
    public void Cancellation_by_time_runs_on_the_clock()
    {
        int thread = Environment.CurrentManagedThreadId;
        TimeSpan at = loop.Run(async () =>
        {
            using var source = new CancellationTokenSource(TimeSpan.FromSeconds(5), loop.Clock);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(Hour, loop.Clock, source.Token));
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            return loop.Clock.Elapsed;
        }, Hour);
        Assert.Equal(TimeSpan.FromSeconds(5), at);
    }

    [Fact]
    public void Polly_waits_on_the_clock_and_stays_on_the_thread()
    {
        int thread = Environment.CurrentManagedThreadId;
        var at = new List<double>();
        ResiliencePipeline<bool> retry = new ResiliencePipelineBuilder<bool>
        { TimeProvider = loop.Clock }.AddRetry(new RetryStrategyOptions<bool>
        {
            ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is false),
            MaxRetryAttempts = 3,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromSeconds(1),
        }).Build();
        loop.Run(async () =>
        {
            ResilienceContext context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true);
            await retry.ExecuteAsync(async _ =>
            {
                at.Add(loop.Clock.Elapsed.TotalSeconds);
                await Task.Yield();
                Assert.Equal(thread, Environment.CurrentManagedThreadId);
                return false;
            }, context);
            ResilienceContextPool.Shared.Return(context);
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            return 0;
        }, Hour);
        Assert.Equal([0, 1, 3, 7], at);
    }

    [Fact]
    public void What_is_queued_runs_before_the_clock_moves()
    {
        var order = new List<string>();
        loop.Run(async () =>
        {
            loop.Clock.After(TimeSpan.Zero, () => order.Add("timer"));
            loop.Post(_ => order.Add("one"), null);
            loop.Post(_ => loop.Post(_ => order.Add("three"), null), null);
            loop.Post(_ => order.Add("two"), null);
            await Task.Delay(TimeSpan.FromMilliseconds(1), loop.Clock);
            return 0;
        }, Hour);
        Assert.Equal(["one", "two", "three", "timer"], order);
    }

    [Fact]
    public void A_task_that_nothing_can_finish_is_told_at_once()
    {
        var never = new TaskCompletionSource<int>();
        Assert.Contains("stuck", Assert.Throws<TimeoutException>(() => loop.Run(() => never.Task, Hour)).Message);
    }

    [Fact]
    public void Virtual_time_is_limited()
    {
        Assert.Contains("01:00:00", Assert.Throws<TimeoutException>(() => loop.Run(async () =>
        {
            while (true)
                await Task.Delay(TimeSpan.FromMilliseconds(1000), loop.Clock);
#pragma warning disable CS0162 // the lambda must have a result
            return 0;
#pragma warning restore CS0162
        }, Hour)).Message);
    }

    [Fact]
    public void Exceptions_and_the_outer_context_come_back()
    {
        SynchronizationContext? outer = SynchronizationContext.Current;
        Assert.Throws<InvalidDataException>(() => loop.Run<int>(async () =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), loop.Clock);
            throw new InvalidDataException();
        }, Hour));
        Assert.Same(outer, SynchronizationContext.Current);
    }
}
