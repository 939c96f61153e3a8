using System.Globalization;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Microsoft.FSharp.Core;

namespace DecentralizedLion.Codecs.Tests.Properties;

/// <summary>The package runs as many cases as it is told, shrinks what fails, and says how to repeat it.</summary>
public sealed partial class PropertyPackageTests
{
    readonly Samples.Counter counter = new();

    [Fact]
    public async Task A_false_property_fails_with_the_least_case()
    {
        PropertyRun run = await Run(nameof(Samples.Below100));
        Assert.Null(run.Passed);
        Assert.Contains(nameof(PropertyFailedException), run.Failed!.ExceptionTypes[0]);
        Assert.Contains("Falsifiable", run.Message);
        Assert.Equal("100uy", Shrunk().Match(run.Message).Groups[1].Value);
    }

    [Fact]
    public async Task A_failure_prints_the_seed_that_repeats_it()
    {
        PropertyRun run = await Run(nameof(Samples.Below100));
        Match seed = Seed().Match(run.Message);
        Assert.True(seed.Success, run.Message);
        ulong[] numbers = [.. seed.Groups[2].Value.Split(',').Select(ulong.Parse)];
        var size = FSharpOption<int>.Some(int.Parse(seed.Groups[1].Value, CultureInfo.InvariantCulture));
        var replay = FSharpOption<Replay>.Some(new Replay(new Rnd(numbers[0], numbers[1]), size));
        byte? first = null;
        Property property = Prop.ForAll<byte>(n => (first ??= n) < 100);
        Assert.ThrowsAny<Exception>(() => property.Check(Config.QuickThrowOnFailure.WithReplay(replay)));
        Assert.Equal(Original().Match(run.Message).Groups[1].Value, $"{first}uy");
    }

    [Fact]
    public async Task A_seed_in_the_attribute_repeats_a_run()
    {
        PropertyRun first = await Run(nameof(Samples.Replayed)), again = await Run(nameof(Samples.Replayed));
        Assert.Contains("Falsifiable", first.Message);
        Assert.Equal(first.Message, again.Message);
    }

    [Theory]
    [InlineData(nameof(Samples.Counted), 33)]
    [InlineData(nameof(Samples.ReplayedAndTrue), 40)]
    [InlineData(nameof(Samples.OfTheClass), 7)]
    [InlineData(nameof(Samples.Awaits), 7)]
    [InlineData(nameof(Samples.Made), 7)]
    public async Task As_many_cases_run_as_the_attributes_say(string property, int cases)
    {
        PropertyRun run = await Run(property);
        Assert.Equal("", run.Message);
        Assert.NotNull(run.Passed);
        Assert.Equal(cases, counter.Calls);
        Assert.Contains($"Ok, passed {cases} tests", run.Passed.Output);
    }

    [Fact]
    public async Task The_methods_arbitraries_go_before_the_classs() =>
        Assert.NotNull((await Run(nameof(Samples.OfTheMethod))).Passed);

    [Fact]
    public async Task An_exception_fails_the_property() =>
        Assert.Contains("thrown for 7", (await Run(nameof(Samples.Throws))).Message);

    [Fact]
    public async Task A_task_that_fails_fails_the_property() =>
        Assert.Contains("Falsifiable", (await Run(nameof(Samples.AwaitsAndFails))).Message);

    [Fact]
    public async Task Too_few_cases_are_a_failure() =>
        Assert.Contains("Arguments exhausted", (await Run(nameof(Samples.Exhausted))).Message);

    [Property]
    public bool What_is_run_here_is_run_by_the_package(int a, int b) => unchecked(a + b == b + a);

    Task<PropertyRun> Run(string property) => PropertyRun.Of<Samples>(property, counter);

    [GeneratedRegex(@"Shrunk:\s*(\S+)")]
    private static partial Regex Shrunk();

    [GeneratedRegex(@"Original:\s*(\S+)")]
    private static partial Regex Original();

    [GeneratedRegex(@"size of (\d+) and seed of \((\d+,\d+)\)")]
    private static partial Regex Seed();
}
