using System.Runtime.Versioning;
using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.Init;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Tests.Cli.Init;

[UnsupportedOSPlatform("windows")] // file modes
public sealed class InitCommandHandlerTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    string Out => folder.File("peers.json");

    public void Dispose() => folder.Dispose();

    async Task<string> Make(InitOptions options, string input = "", bool isRedirected = false)
    {
        using var output = new StringWriter();
        Assert.Equal(ExitCode.Done, await new InitCommandHandler(() => new StringReader(input), () => isRedirected, output)
            .RunAsync(options, default));
        return output.ToString();
    }

    InitOptions Of(params string[] hosts) => new() { Hosts = hosts, Out = Out };

    [Fact]
    public async Task Keys_made_here_are_the_peers_and_only_their_owners()
    {
        var text = await Make(Of("-") with { Keys = folder.File("keys") }, "gpu1\ngpu2\ngpu3\n");
        var run = RunConfig.Read(Out);
        Assert.Equal(["gpu1", "gpu2", "gpu3"], run.Roster.Peers.Select(peer => peer.Id));
        Assert.All(run.Roster.Peers, peer =>
        {
            var file = folder.File($"keys/{peer.Id}.key");
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            KeyFile.Read(file, peer).Dispose(); // throws where the halves are of two keys
            Assert.Contains($"scp -p {Out} {file} {peer.Id}:", text);
        });
        Assert.Contains("to its own host only", text);
    }

    [Theory]
    [InlineData("gpt", 0.001f)]
    [InlineData("vit", 0.0003f)]
    public async Task What_is_written_clips_gradients(string model, float rate)
    {
        await Make(Of("gpu1", "gpu2") with
        {
            Keys = folder.File("keys"),
            Model = model,
            Data = model is "vit" ? "cifar10" : null,
        });
        TrainingSettings training = RunConfig.Read(Out, data: ".").Training;
        Assert.Equal((1, rate), (training.GradientClip, training.LearningRate));
    }

    /// <summary>A job that comes back on other nodes: the same peers with the same keys, at other addresses.</summary>
    [Fact]
    public async Task Made_again_keys_are_kept()
    {
        var options = Of("p0=n1", "p1=n2") with { Keys = folder.File("keys") };
        await Make(options);
        var before = RunConfig.Read(Out).Roster.Peers;
        await Make(options with { Hosts = ["p0=n7", "p1=n8"], Force = true });
        var after = RunConfig.Read(Out).Roster.Peers;
        Assert.Equal(["n7", "n8"], after.Select(peer => peer.Address));
        Assert.Equal(before.Select(peer => peer.Key), after.Select(peer => peer.Key));
    }

    [Fact]
    public async Task Without_keys_the_file_says_whose_are_missing()
    {
        var text = await Make(Of("east=10.0.0.1", "west=10.0.0.2"));
        Assert.Contains("10.0.0.1$ peer keygen east", text);
        Assert.Contains("'peer keygen east' prints", Assert.Throws<SettingsException>(() => RunConfig.Read(Out)).Message);
    }

    [Fact]
    public async Task On_one_computer_links_may_be_insecure()
    {
        Assert.Contains("peer demo --peers", await Make(Of("a=localhost", "b=localhost") with { Insecure = true }));
        Assert.True(RunConfig.Read(Out).Roster.Insecure);
        File.Delete(Out);
        Assert.Contains("only loopback addresses are allowed", (await Assert.ThrowsAsync<SettingsException>(
            () => Make(Of("a=10.0.0.1", "b=10.0.0.2") with { Insecure = true }))).Message);
        Assert.False(File.Exists(Out));
    }

    [Theory]
    [InlineData(null, null, "convnet", "glyphs", false)]
    [InlineData("gpt", "text:some.txt", "gpt", "text", false)]
    [InlineData(null, "cifar10", "vit", "cifar10", true)]
    [InlineData("mlp", "mnist", "mlp", "mnist", true)]
    public async Task Model_and_data_fit_each_other(string? model, string? data, string madeModel, string madeData,
        bool needsPath)
    {
        var text = await Make(Of("a", "b") with { Model = model, Data = data, Keys = folder.Path, Run = "r", Steps = 9 });
        var run = RunConfig.Read(Out, needsPath ? "." : null);
        Assert.Equal((madeModel, madeData, "r", 9), (run.Model.Kind, run.Data.Kind, run.Training.Run, run.Training.Steps));
        Assert.Equal(needsPath, text.Contains("--data PATH"));
    }

    [Fact]
    public async Task Everything_else_may_come_from_another_file()
    {
        var other = folder.File("run.json");
        File.WriteAllText(other, """
            { "run": "mine", "steps": 5, "learningRate": 0.01, // a comment
              "model": { "kind": "mlp", "width": 8 }, "data": { "kind": "glyphs" },
              "insecure": true, "peers": [ { "id": "old" } ], }
            """);
        await Make(Of("a", "b") with { Settings = other, Keys = folder.Path });
        var run = RunConfig.Read(Out);
        Assert.Equal(("mine", 5, false), (run.Training.Run, run.Training.Steps, run.Roster.Insecure));
        Assert.Equal(["a", "b"], run.Roster.Peers.Select(peer => peer.Id));
    }

    [Fact]
    public async Task Hosts_come_from_standard_input_where_none_are_given()
    {
        await Make(Of() with { Keys = folder.Path }, "n1\nn2\n", isRedirected: true);
        Assert.Equal(2, RunConfig.Read(Out).Roster.Count);
    }

    [Fact]
    public async Task What_is_wrong_is_named_before_anything_is_made()
    {
        Task<string> Fails(InitOptions options) => Message(() => Make(options with { Keys = folder.File("keys") }));
        Assert.Contains("HOST: found 1 hosts; needed are 2 to 256", await Fails(Of("a")));
        Assert.Contains("HOST: found 0 hosts", await Fails(Of()));
        Assert.Contains("--model: found \"resnet\"; allowed is KIND", await Fails(Of("a", "b") with { Model = "resnet" }));
        Assert.Contains("found \"text\" with model.kind \"mlp\"",
            await Fails(Of("a", "b") with { Model = "mlp", Data = "text:x" }));
        Assert.Contains("peers[1].id: found \"a\"", await Fails(Of("a=n1", "a=n2")));
        Assert.Contains("run: found \"a/b\"", await Fails(Of("a", "b") with { Run = "a/b" }));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        File.WriteAllText(Out, "precious");
        Assert.Contains("is there already; --force replaces it", await Fails(Of("a", "b")));
        Assert.Equal("precious", File.ReadAllText(Out));
        Assert.False(Directory.Exists(folder.File("keys")));
    }

    static async Task<string> Message(Func<Task> action) => (await Assert.ThrowsAnyAsync<Exception>(action)).Message;
}
