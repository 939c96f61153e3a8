using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.Compare;
using DecentralizedLion.Peer.Cli.Init;
using DecentralizedLion.Peer.Cli.Run;

namespace DecentralizedLion.Peer.Tests.Deploy;

/// <summary>The files of deploy/ against the program: its flags, its exit codes.</summary>
public sealed class DeployTests
{
    [Fact]
    public async Task The_unit_starts_the_peer_of_its_name_with_flags_that_there_are()
    {
        var service = Unit()["Service"];
        var command = service["ExecStart"].Single();
        Assert.StartsWith("/opt/decentralized-lion/peer run ", command, StringComparison.Ordinal);
        var options = await DeployFile.Parse<RunOptions>(command["/opt/decentralized-lion/peer ".Length..]
            .Replace("%i", "east", StringComparison.Ordinal).Replace(" $PEER_OPTIONS", "", StringComparison.Ordinal));
        Assert.Equal(new RunOptions
        {
            PeersFile = "/etc/decentralized-lion/peers.json",
            Id = "east",
            Key = "%d/peer.key",
            Out = "%S/decentralized-lion/east",
            Plain = true,
        }, options);
        Assert.Equal("decentralized-lion/%i", service["StateDirectory"].Single()); // the folder of --out
    }

    [Fact]
    public void The_unit_follows_the_programs_exit_codes_and_notifications()
    {
        var service = Unit()["Service"];
        Assert.Equal([$"{ExitCode.Usage} {ExitCode.Orphaned}"], service["RestartPreventExitStatus"]);
        Assert.Equal(["on-failure"], service["Restart"]);
        Assert.Equal(["notify"], service["Type"]);
        Assert.True(service.ContainsKey("WatchdogSec"));
    }

    [Fact]
    public async Task The_job_makes_its_peers_and_runs_them_with_flags_that_there_are()
    {
        var commands = DeployFile.CommandsIn(DeployFile.Read("slurm", "train.sbatch"));
        Assert.Equal(2, commands.Count);
        var init = await DeployFile.Parse<InitOptions>(commands[0]);
        Assert.Equal(["p0=n0", "p1=n1"], init.Hosts);
        Assert.True(init.Force, "a job that comes back makes the file anew");
        Assert.Equal(Path.GetDirectoryName(init.Out), init.Keys); // where peer run looks for its key
        Assert.Equal(init.Out, (await DeployFile.Parse<RunOptions>(commands[1])).PeersFile);
    }

    [Fact]
    public async Task The_array_job_divides_a_comparison_with_flags_that_there_are()
    {
        var command = Assert.Single(DeployFile.CommandsIn(DeployFile.Read("slurm", "compare.sbatch")
            .Replace("$SLURM_ARRAY_TASK_ID/$shards", "3/4", StringComparison.Ordinal)));
        Assert.Equal(new Shard(3, 4), (await DeployFile.Parse<CompareOptions>(command)).Shard);
    }

    [Fact]
    public async Task The_image_runs_a_peer_whose_health_file_is_checked()
    {
        var lines = DeployFile.Read("container", "Containerfile").Split('\n');
        Assert.Equal(["/opt/decentralized-lion/peer"], List(lines, "ENTRYPOINT "));
        var run = await DeployFile.Parse<RunOptions>(string.Join(' ', List(lines, "CMD ")));
        Assert.Contains(run.HealthFile!, List(lines, "HEALTHCHECK ")[^1]);
        Assert.Contains("USER 10001:10001", lines);
    }

    [Theory]
    [InlineData("slurm", "try.sh", 0)]
    [InlineData("systemd", "try.sh", 1)]
    [InlineData("kubernetes", "ring.yaml", 1)]
    [InlineData("../docs", "deploy.md", 2)]
    public async Task Other_commands_have_flags_that_there_are(string folder, string file, int count)
    {
        var commands = DeployFile.CommandsIn(DeployFile.Read(folder, file));
        Assert.Equal(count, commands.Count);
        foreach (var command in commands)
            Assert.NotNull(await DeployFile.Parse<object>(command));
    }

    /// <summary>A platform is in the script, in the build and in the list of packages, or in none of them.</summary>
    [Fact]
    public void The_archives_are_of_the_platforms_that_the_build_has_a_libtorch_for()
    {
        var script = DeployFile.Read("package.sh");
        string[] platforms = Regex.Match(script, @"^known=\((.*)\)$", RegexOptions.Multiline).Groups[1].Value.Split(' ');
        string[] packages = [.. Regex.Matches(DeployFile.Read("..", "Directory.Packages.props"), "libtorch-cpu-([^\"]+)")
            .Select(match => match.Groups[1].Value)];
        Assert.Equal(packages.Order(), platforms.Order());
        var build = DeployFile.Read("..", "build", "Torch.targets");
        Assert.All(platforms, name => Assert.Contains($"'$(TorchPlatform)' != '{name}'", build, StringComparison.Ordinal));
        var docs = DeployFile.Read("..", "docs", "deploy.md");
        Assert.All(platforms, platform => Assert.Contains($"| `{platform}` |", docs, StringComparison.Ordinal));
    }

    [Fact]
    public void The_archives_are_made_by_tools_and_projects_that_there_are()
    {
        var tools = JsonDocument.Parse(DeployFile.Read("..", ".config", "dotnet-tools.json")).RootElement.GetProperty("tools");
        string[] commands = [.. tools.EnumerateObject()
            .SelectMany(tool => tool.Value.GetProperty("commands").EnumerateArray().Select(name => name.GetString()!))];
        var script = DeployFile.Read("package.sh");
        Assert.Equal(["dotnet-CycloneDX", "minver"], commands.Order(StringComparer.Ordinal));
        Assert.All(commands, command => Assert.Contains(
            command == "minver" ? "dotnet minver " : $"dotnet tool run {command} ", script, StringComparison.Ordinal));
        Assert.True(File.Exists(DeployFile.PathOf("..", "Peer", "Cli", "Peer.Cli.csproj")));
        foreach (var (folder, user) in new[] { ("", "package.sh"), ("container", "build.sh") })
            Assert.Contains("publish.sh", DeployFile.Read(folder, user), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_platform_is_refused_before_anything_is_built()
    {
        var start = new ProcessStartInfo("bash", [DeployFile.PathOf("package.sh"), "linux-x64", "linux-arm64"])
        {
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal((ExitCode.Usage, "package.sh: linux-arm64: no such platform; allowed are linux-x64 osx-arm64 win-x64\n"),
            (process.ExitCode, error));
    }

    static string[] List(string[] lines, string instruction)
    {
        var line = lines.Single(line => line.StartsWith(instruction, StringComparison.Ordinal));
        return JsonSerializer.Deserialize<string[]>(line[line.IndexOf('[', StringComparison.Ordinal)..])!;
    }

    /// <summary>The sections of the unit, with the values of each setting.</summary>
    static Dictionary<string, Dictionary<string, List<string>>> Unit()
    {
        var sections = new Dictionary<string, Dictionary<string, List<string>>>();
        foreach (var line in DeployFile.Read("systemd", "peer@.service").Split('\n').Where(line => line is not ("" or ['#', ..])))
        {
            if (line.StartsWith('['))
            {
                sections.Add(line.Trim('[', ']'), []);
                continue;
            }
            var (name, value) = (line.Split('=')[0], line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            var section = sections.Last().Value;
            section.TryAdd(name, []);
            section[name].Add(value);
        }
        Assert.Equal(["Unit", "Service", "Install"], sections.Keys);
        return sections;
    }
}
