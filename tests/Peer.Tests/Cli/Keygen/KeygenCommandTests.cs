using System.Text.Json;
using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.Keygen;
using DecentralizedLion.Peer.Security;

namespace DecentralizedLion.Peer.Tests.Cli.Keygen;

public sealed class KeygenCommandTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_JSON_has_the_public_halves_of_the_files()
    {
        using var output = new StringWriter();
        var options = new KeygenOptions { PeersFile = folder.File("peers.json"), Ids = ["a", "b"], Json = true };
        Assert.Equal(ExitCode.Done, await new KeygenCommandHandler(output, TextWriter.Null).RunAsync(options, default));
        JsonElement[] keys = [.. JsonDocument.Parse(output.ToString()).RootElement.GetProperty("keys").EnumerateArray()];
        Assert.Equal(["a", "b"], keys.Select(key => key.GetProperty("id").GetString()));
        foreach (var key in keys)
        {
            using var made = KeyFile.Read(key.GetProperty("file").GetString()!, key.GetProperty("id").GetString()!);
            Assert.Equal($"{made.Public}", key.GetProperty("key").GetString());
        }
    }

    [Fact]
    public async Task A_key_that_is_there_ends_it_and_those_made_before_are_printed()
    {
        using var output = new StringWriter();
        var handler = new KeygenCommandHandler(output, TextWriter.Null);
        var options = new KeygenOptions { PeersFile = folder.File("peers.json"), Ids = ["b"] };
        await handler.RunAsync(options, default);
        await Assert.ThrowsAsync<KeyFileException>(() => handler.RunAsync(options with { Ids = ["a", "b"] }, default));
        Assert.Contains("the secret key of a.", output.ToString());
        Assert.Equal(2, output.ToString().Split("\"key\"").Length - 1);
    }
}
