using FsCheck;
using FsCheck.Xunit;
using Xunit.Abstractions;

namespace DecentralizedLion.StandIns.Tests.FsCheckXunit;

public sealed class PropertyTests(ITestOutputHelper output, PropertyTests.Fixture fixture) : IClassFixture<PropertyTests.Fixture>
{
    readonly Samples.Counter counter = new();

    [Property]
    public bool A_true_property_passes_with_fixture_and_output(int a, int b)
    {
        output.WriteLine($"{a} {b}");
        return fixture.Made && unchecked(a + b == b + a);
    }

    [Property(MaxTest = 20, EndSize = 3)]
    public void EndSize_bounds_the_data(int[] numbers) => Assert.True(numbers.Length <= 3);

    [Fact]
    public async Task A_false_property_fails_with_the_shrunk_arguments_and_the_seed()
    {
        PropertyRun run = await PropertyRun.Of<Samples>(nameof(Samples.Below100), counter);
        Assert.Null(run.Passed);
        Assert.Contains("Falsifiable", run.Message);
        Assert.Contains("100uy", run.Message);
        Assert.Matches(@"\(\d+,\d+\)", run.Message);
        Assert.Contains(nameof(PropertyFailedException), run.Failed!.ExceptionTypes[0]);
    }

    [Fact]
    public async Task Replay_repeats_a_run()
    {
        string first = (await PropertyRun.Of<Samples>(nameof(Samples.Repeated), counter)).Message;
        string again = (await PropertyRun.Of<Samples>(nameof(Samples.Repeated), counter)).Message;
        Assert.Contains("Falsifiable", first);
        Assert.Equal(first, again);
    }

    [Fact]
    public async Task MaxTest_of_the_method_is_honoured()
    {
        Assert.NotNull((await PropertyRun.Of<Samples>(nameof(Samples.Counted), counter)).Passed);
        Assert.Equal(33, counter.Calls);
    }

    [Fact]
    public async Task The_class_gives_MaxTest_and_arbitraries()
    {
        PropertyRun run = await PropertyRun.Of<Samples>(nameof(Samples.FromTheClass), counter);
        Assert.Equal("", run.Message);
        Assert.Equal(7, counter.Calls);
    }

    [Fact]
    public async Task The_methods_arbitraries_go_first() =>
        Assert.Equal("", (await PropertyRun.Of<Samples>(nameof(Samples.MethodFirst), counter)).Message);

    [Fact]
    public async Task An_exception_fails_the_property()
    {
        PropertyRun run = await PropertyRun.Of<Samples>(nameof(Samples.Throws), counter);
        Assert.Contains("thrown for 7", run.Message);
    }

    [Fact]
    public async Task Tasks_are_awaited()
    {
        Assert.NotNull((await PropertyRun.Of<Samples>(nameof(Samples.Awaits), counter)).Passed);
        Assert.Equal(7, counter.Calls);
        Assert.Contains("Falsifiable", (await PropertyRun.Of<Samples>(nameof(Samples.AwaitsAndFails), counter)).Message);
    }

    [Fact]
    public async Task A_made_property_is_checked() =>
        Assert.NotNull((await PropertyRun.Of<Samples>(nameof(Samples.MadeProperty), counter)).Passed);

    [Fact]
    public async Task Exhausted_arguments_are_a_failure() =>
        Assert.Contains("Arguments exhausted", (await PropertyRun.Of<Samples>(nameof(Samples.Exhausted), counter)).Message);

    [Fact]
    public async Task A_skipped_property_is_reported_skipped() =>
        Assert.Equal("not now", (await PropertyRun.Of<Samples>(nameof(Samples.Skipped), counter)).Skipped?.Reason);

    [Fact]
    public async Task A_wrong_replay_is_named() =>
        Assert.Contains("Replay is 'five'", (await PropertyRun.Of<Samples>(nameof(Samples.BadReplay), counter)).Message);

    [Fact]
    public async Task Static_methods_are_properties_too()
    {
        int before = Samples.StaticCalls;
        Assert.NotNull((await PropertyRun.Of<Samples>(nameof(Samples.Static), counter)).Passed);
        Assert.Equal(before + 7, Samples.StaticCalls);
    }

    public sealed class Fixture
    {
        public bool Made { get; } = true;
    }
}
