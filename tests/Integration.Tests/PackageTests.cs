using System.Diagnostics;
using System.Text.Json.Nodes;

namespace DecentralizedLion.Integration.Tests;

/// <summary>The package of the library, as a project outside of the repository uses it.</summary>
[Collection(SequentialCollection.Name)]
public sealed class PackageTests
{
    [Fact]
    public async Task A_project_elsewhere_builds_and_trains_with_the_package_alone()
    {
        using var place = new TestCluster(2);
        var root = Repository.Root;
        await Dotnet(root, "pack", Path.Combine(root, "Peer", "Peer.csproj"), "-c", Repository.Configuration, "-o",
            place.In("feed"));
        var project = Directory.CreateDirectory(place.In("program")).FullName;
        File.WriteAllText(Path.Combine(project, "nuget.config"), $"""
            <configuration>
              <packageSources><clear /><add key="feed" value="{place.In("feed")}" /></packageSources>
              <fallbackPackageFolders><add key="cache" value="{Cache}" /></fallbackPackageFolders>
              <config><add key="globalPackagesFolder" value="{place.In("packages")}" /></config>
            </configuration>
            """);
        File.WriteAllText(Path.Combine(project, "program.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <InvariantGlobalization>true</InvariantGlobalization>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="DecentralizedLion" Version="0.1.0" />
                <PackageReference Include="libtorch-cpu-linux-x64" Version="2.10.0" />
              </ItemGroup>
            </Project>
            """);
        foreach (var file in Directory.GetFiles(Path.Combine(root, "examples", "CustomModel"), "*.cs"))
            File.Copy(file, Path.Combine(project, Path.GetFileName(file)));
        await Dotnet(project, "build", "-c", "Release", "-o", place.In("built"));

        var roster = place.Write("library.json", new JsonObject
        {
            ["run"] = "packaged",
            ["insecure"] = true,
            ["peers"] = place.Settings["peers"]!.DeepClone(),
        });
        PeerProcess[] peers = [Start("a"), Start("b")];
        try
        {
            foreach (var peer in peers)
                await peer.Exits(0);
            Assert.Contains("step 100  test accuracy", peers[0].Text, StringComparison.Ordinal);
            Assert.Equal(peers[0].Text.Split('\n')[^1], peers[1].Text.Split('\n')[^1]);
        }
        finally
        {
            foreach (var peer in peers)
                peer.Dispose();
        }

        PeerProcess Start(string id) => new(id, new OwnProgram(OwnProgram.Launch(
            ["dotnet", Path.Combine(place.In("built"), "program.dll")], [id, roster, place.In($"packaged-{id}"), "100"])),
            TimeProvider.System);
    }

    /// <summary>The packages that the repository itself was restored from.</summary>
    static string Cache => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    static async Task Dotnet(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [.. arguments, "--nologo", "-v", "quiet", "-nodeReuse:false"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var variable in start.Environment.Keys.Where(
            name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase))
            .ToArray())
            start.Environment.Remove(variable);
        using var process = Process.Start(start)!;
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}: {string.Concat(output)}");
    }
}
