using System.Reflection;
using DecentralizedLion.Peer.Cli;

namespace DecentralizedLion.Peer.Tests.Cli.Reference;

public sealed class ReferenceTests
{
    [Fact]
    public async Task The_page_of_commands_is_what_the_program_prints()
    {
        var (code, _, printed) = await CommandLineTests.Invoke("reference");
        Assert.Equal(ExitCode.Done, code);
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "cli.md"));
        Assert.True(page == printed, "docs/cli.md is not up to date: peer reference > docs/cli.md");
    }

    [Fact]
    public async Task It_has_every_command_and_option_that_is_not_hidden()
    {
        var (_, _, page) = await CommandLineTests.Invoke("reference");
        Assert.Contains("| `--wait N` | `5` | a whole number from 1 to 3600 | Seconds to check the links for at most", page);
        Assert.Contains("| `--seeds A..B` | required |", page);
        Assert.Contains("| `--log-format text\\|json` | `text` |", page);
        Assert.Contains("| `--out DIR` | runs/RUN/ID |  | Where checkpoints and metrics go |", page);
        Assert.DoesNotContain("--child", page);
        Assert.DoesNotContain("--refound", page);
        Assert.DoesNotContain("## peer reference", page);
    }

    [Fact]
    public void It_has_all_exit_codes() =>
        Assert.Equal(typeof(ExitCode).GetFields(BindingFlags.Static | BindingFlags.Public)
            .Select(field => (int)field.GetValue(null)!).Order(), ExitCode.All.Select(one => one.Code));
}
