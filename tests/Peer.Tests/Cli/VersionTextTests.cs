using DecentralizedLion.Peer.Cli;

namespace DecentralizedLion.Peer.Tests.Cli;

/// <summary>The answer to <c>peer --version</c>.</summary>
public sealed class VersionTextTests
{
    [Fact]
    public async Task Version_prints_the_programs_own_version_and_commit()
    {
        var (code, _, text) = await CommandLineTests.Invoke("--version");
        Assert.Equal(0, code);
        Assert.Matches(@"^peer \d+\.\d+\.\d+(-[0-9A-Za-z.]+)?(, commit [0-9a-f]{40})?\s*$", text);
        Assert.Equal(typeof(CommandLine).Assembly.GetName().Version!.ToString(3), text.Split(' ', ',', '-', '\n', '\r')[1]);
    }

    [Theory]
    [InlineData("1.2.3-alpha.0.4+6f48d6b34b12", "peer 1.2.3-alpha.0.4, commit 6f48d6b34b12")]
    [InlineData("1.2.3", "peer 1.2.3")] // built from sources without git
    public void The_commit_stands_behind_the_version(string informational, string text) =>
        Assert.Equal(text, VersionText.Of(informational));
}
