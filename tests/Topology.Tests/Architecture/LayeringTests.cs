using System.Text.RegularExpressions;

namespace DecentralizedLion.Topology.Tests.Architecture;

/// <summary>
/// The arrows of docs/architecture.md, by the source's <c>using</c> lines: each folder of Topology uses only those before it,
/// Codecs uses nobody, Models only Codecs, and the library knows nothing of the program.
/// </summary>
public sealed partial class LayeringTests
{
    /// <summary>The folders of Topology, from the bottom up.</summary>
    static readonly string[] folders =
    [
        "Security", "Configuration", "Snapshots", "Transport", "ViewChanges", "Exchange", "Protection", "Membership",
        "Diagnostics", "Commit", "StateTransfer", "Node", "Simulation",
    ];

    static readonly string root = Repository.Root;

    [Fact]
    public void Every_folder_of_the_topology_has_its_place() =>
        Assert.Equal(folders.Order(), Directory.EnumerateDirectories(Path.Combine(root, "Topology")).Select(Path.GetFileName)
            .Where(folder => folder is not ("bin" or "obj")).Order());

    [Fact]
    public void The_topology_s_folders_use_only_those_below_them() =>
        Assert.Empty(folders.SelectMany((folder, place) => UsesIn(Path.Combine("Topology", folder))
            .Where(use => use.Namespace.StartsWith("Topology.", StringComparison.Ordinal)
                && Array.IndexOf(folders, use.Namespace.Split('.')[1]) > place)));

    [Theory]
    [InlineData("Codecs", "Codecs")]
    [InlineData("Topology", "Codecs|Topology")]
    [InlineData("Models", "Codecs|Models")]
    [InlineData("Peer", "Codecs|Topology|Models|Peer")]
    public void A_project_uses_only_those_below_it(string project, string allowed) =>
        Assert.DoesNotContain(UsesIn(project), use => !allowed.Split('|').Contains(use.Namespace.Split('.')[0]));

    [Fact]
    public void The_library_knows_nothing_of_the_program() =>
        Assert.DoesNotContain(UsesIn("Peer"), use => use.Namespace.StartsWith("Peer.Cli", StringComparison.Ordinal)
            && !use.File.StartsWith(Path.Combine("Peer", "Cli"), StringComparison.Ordinal));

    [Theory]
    [InlineData("using DecentralizedLion.Topology.Node;", "Topology.Node")]
    [InlineData("using static DecentralizedLion.Peer.Cli.ExitCode;", "Peer.Cli.ExitCode")]
    [InlineData("using Kind = DecentralizedLion.Topology.Exchange.ExchangeKind;", "Topology.Exchange.ExchangeKind")]
    [InlineData("global using DecentralizedLion.Codecs;", "Codecs")]
    public void A_use_is_found_in_every_form(string line, string found) => Assert.Equal(found, Use().Match(line).Groups[1].Value);

    static IEnumerable<(string File, string Namespace)> UsesIn(string folder) =>
        Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .SelectMany(file => File.ReadLines(file).Select(line => Use().Match(line)).Where(match => match.Success)
                .Select(match => (Path.GetRelativePath(root, file), match.Groups[1].Value)));

    [GeneratedRegex(@"^\s*(?:global )?using (?:static )?(?:\w+ = )?DecentralizedLion\.([\w.]+);")]
    private static partial Regex Use();
}
