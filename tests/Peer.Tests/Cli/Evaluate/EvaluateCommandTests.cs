using System.Text.Json;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Cli.Evaluate;
using DecentralizedLion.Peer.Cli.Export;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Training;

namespace DecentralizedLion.Peer.Tests.Cli.Evaluate;

[Collection(SeededCollection.Name)]
public sealed class EvaluateCommandTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    void Configure() =>
        File.WriteAllText(folder.File("peers.json"), """
            { "run": "r", "steps": 1, "learningRate": 0.1, "model": { "kind": "mlp", "width": 4, "depth": 1 },
              "data": { "kind": "glyphs", "size": 16, "trainCount": 20, "testCount": 30 }, "insecure": true,
              "peers": [ { "id": "a", "address": "127.0.0.1", "port": 7000 },
                         { "id": "b", "address": "127.0.0.1", "port": 7001 } ] }
            """);

    [Fact]
    public async Task The_JSON_has_the_numbers_of_the_text()
    {
        Configure();
        var weights = WriteWeights();
        var text = await Run(weights, json: false);
        var report = JsonDocument.Parse(await Run(weights, json: true)).RootElement;
        Assert.Equal((weights, 30), (report.GetProperty("checkpoint").GetString(), report.GetProperty("samples").GetInt32()));
        Assert.Contains($"test accuracy  {Format.Percent(report.GetProperty("accuracy").GetDouble())}", text);
        Assert.Contains($"test loss      {Format.Number(report.GetProperty("loss").GetDouble())} nats", text);
        Assert.Contains("samples        30", text);
    }

    [Fact]
    public async Task The_weights_are_exported_with_a_report_in_JSON()
    {
        Configure();
        var weights = WriteWeights();
        using var output = new StringWriter();
        Assert.Equal(ExitCode.Done, await new ExportCommandHandler(output).RunAsync(new ExportOptions
        {
            PeersFile = folder.File("peers.json"),
            Checkpoint = weights,
            Safetensors = folder.File("e.safetensors"),
            Json = true,
        }, default));
        var report = JsonDocument.Parse(output.ToString()).RootElement;
        Assert.Equal((weights, 1, (256 * 4) + 4 + (4 * 10) + 10), (report.GetProperty("checkpoint").GetString(),
            report.GetProperty("step").GetInt32(), report.GetProperty("parameters").GetInt32()));
        Assert.Equal(File.ReadAllBytes(weights), File.ReadAllBytes(report.GetProperty("files")[0].GetString()!));
    }

    [Fact]
    public async Task An_export_replaces_no_file_of_a_peer_whatever_force_says()
    {
        Configure();
        var weights = WriteWeights();
        Assert.Contains("the checkpoint that is exported", await Refusal(weights));
        var other = Directory.CreateDirectory(folder.File("run/a")).FullName;
        File.WriteAllText(Path.Combine(other, FolderLock.FileName), "");
        File.WriteAllText(Path.Combine(other, "step-00000009.safetensors"), "precious");
        Assert.Contains("a checkpoint in a peer's folder", await Refusal(Path.Combine(other, "step-00000009.safetensors")));
        Assert.Equal("precious", File.ReadAllText(Path.Combine(other, "step-00000009.safetensors")));

        async Task<string> Refusal(string target) => (await Assert.ThrowsAsync<UsageException>(() =>
            new ExportCommandHandler(TextWriter.Null).RunAsync(new ExportOptions
            {
                PeersFile = folder.File("peers.json"),
                Checkpoint = weights,
                Safetensors = target,
                Force = true,
            }, default))).Message;
    }

    string WriteWeights()
    {
        var run = RunConfig.Read(folder.File("peers.json"), null);
        using var data = run.OpenData();
        using var model = RunModel.Create(run, data, "cpu");
        var offset = 0;
        var tensors = new List<(TensorDeclaration, int)>();
        foreach (var tensor in RunModel.Tensors(model))
        {
            tensors.Add((tensor, offset));
            offset += (int)(tensor.Length / sizeof(float));
        }
        WeightsFile.Write(folder.File("w.safetensors"), 1, tensors, model.Weights);
        return folder.File("w.safetensors");
    }

    async Task<string> Run(string weights, bool json)
    {
        using var output = new StringWriter();
        Assert.Equal(ExitCode.Done, await new EvaluateCommandHandler(output, TimeProvider.System).RunAsync(
            new EvaluateOptions { PeersFile = folder.File("peers.json"), Checkpoint = weights, Json = json }, default));
        return output.ToString();
    }
}
