using System.Security.Cryptography;
using System.Text;
using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Tests.Library;

/// <summary>Settings of a program's own that must be equal on all peers.</summary>
public sealed class SettingsTests
{
    [Fact]
    public async Task A_peer_with_other_data_is_refused_by_the_name_of_the_setting_and_both_values()
    {
        using var ring = new LocalRing(2);
        var errors = await ring.Run(async id =>
        {
            await using var client = await ring.Join(id, new PeerOptions
            {
                Settings = new Dictionary<string, string> { ["data.digest"] = DigestOf(id) },
            });
            using var network = Lines.NewNetwork();
            using var optimizer = new DistributedLion(network.named_parameters(), client, lr: 0.01);
            return Record.Exception(() => optimizer.WaitForStep());
        });
        foreach (var (error, mine, theirs) in new[] { (errors[0], "a", "b"), (errors[1], "b", "a") })
            Assert.Contains($"{theirs}'s settings differ: data.digest: {DigestOf(mine)} here, {DigestOf(theirs)} there",
                Assert.IsType<RingException>(error).Message, StringComparison.Ordinal);

        static string DigestOf(string data) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(data)));
    }

    [Fact]
    public async Task A_setting_that_would_not_fit_into_a_greeting_is_refused_by_name()
    {
        using var ring = new LocalRing(2);
        await Refused(new() { ["vocabulary"] = new string('x', 1001) }, "Settings: vocabulary: found 1001 characters");
        await Refused(new() { ["vocabulary"] = null! }, "Settings: vocabulary: found null");
        await Refused(new() { [""] = "x" }, "Settings: found a name of 0 characters");
        await Refused(Enumerable.Range(0, 101).ToDictionary(i => $"{i}", _ => ""), "Settings: found 101 settings");
        await using var client = await ring.Join("a", new PeerOptions
        {
            Settings = new Dictionary<string, string> { ["vocabulary"] = new string('x', 1000) },
        });

        async Task Refused(Dictionary<string, string> settings, string message) => Assert.Contains(message,
            (await Assert.ThrowsAsync<ArgumentException>(() => ring.Join("a", new PeerOptions { Settings = settings }))).Message,
            StringComparison.Ordinal);
    }
}
