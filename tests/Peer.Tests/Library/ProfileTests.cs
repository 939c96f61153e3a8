using System.Collections.Concurrent;
using DecentralizedLion.Peer.Metrics;
using TorchSharp;

namespace DecentralizedLion.Peer.Tests.Library;

/// <summary>The profile of a real ring.</summary>
public sealed class ProfileTests
{
    const int Peers = 3, Steps = 12, HopsOfRing = 2 * (Peers - 1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_parts_of_each_step_add_up_to_its_time_and_without_the_option_there_are_none(bool isOn)
    {
        var found = new ConcurrentBag<Profiled>();
        using var ring = new LocalRing(Peers, "\"exchange\": \"ring\"");
        await ring.Run(async id =>
        {
            await using var client = await ring.Join(id, new PeerOptions
            {
                Profile = isOn,
                OnEvent = happened =>
                {
                    if (happened is Profiled profiled)
                        found.Add(profiled);
                },
            });
            using var network = Lines.NewNetwork();
            using var optimizer = new DistributedLion(network.named_parameters(), client,
                LearningRate.Cosine(0.01, warmup: 0, steps: Steps));
            while (optimizer.WaitForStep())
            {
                optimizer.zero_grad();
                using var scope = torch.NewDisposeScope();
                optimizer.step(0.5f);
            }
            return id;
        });
        Assert.Equal(isOn ? Peers * Steps : 0, found.Count);
        Assert.All(found, step =>
        {
            Assert.Equal(step.Seconds, step.Parts.Values.Sum(), 1e-9);
            Assert.All(step.Parts.Values, seconds => Assert.True(seconds >= 0));
            Assert.InRange(step.Hops.Count, 0, HopsOfRing);
            Assert.Equal(step.Parts["wait"], step.Hops.Sum(), 1e-9);
            Assert.All((string[])["gradient", "ballot", "digest", "apply", "overhead"],
                part => Assert.True(step.Parts[part] > 0, part));
        });
        // A step may be over here before the training thread asks for it, but not all of them.
        if (isOn)
            Assert.All((string[])["wait", "send", "check", "add", "decide", "journal"],
                part => Assert.True(found.Sum(step => step.Parts[part]) > 0, part));
    }
}
