using DecentralizedLion.Peer.Cli.Init;

namespace DecentralizedLion.Peer.Tests.Cli.Init;

public class InitialFieldsTests
{
    [Theory]
    [InlineData(0, "250")] // a thousand steps by default
    [InlineData(3, "0")]
    [InlineData(600, "150")]
    [InlineData(1_000_000, "1000")]
    public void The_learning_rate_rises_for_a_quarter_of_the_steps_at_most_a_thousand(int steps, string warmup) =>
        Assert.Equal(warmup, InitialFields.Of(new InitOptions { Out = "peers.json", Steps = steps })
            .Single(field => field.Name == "warmup").Json);
}
