namespace DecentralizedLion.Fuzz;

/// <summary>A short run of every parser; the long one is this project's command.</summary>
[Collection("alone")]
public sealed class FuzzTests
{
    const int Inputs = 3000;

    public static TheoryData<string> Names => [.. Parsers.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_but_success_or_the_documented_refusal(string parser)
    {
        using Target target = Parsers.Make(parser);
        var run = new FuzzRun(target, 1);
        run.Run(0, Inputs);
        Assert.True(run.FuzzStatistics.Failures.Count == 0, string.Join('\n', run.FuzzStatistics.Failures));
        Assert.Equal(Inputs, run.FuzzStatistics.Inputs);
        // Inputs that are all good, or all refused at once, would show nothing.
        Assert.InRange(run.FuzzStatistics.Accepted, 1, Inputs - 1);
    }
}
