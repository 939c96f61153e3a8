namespace DecentralizedLion.Peer.Tests.Library;

/// <summary>The sign of life that supervision asks a ring for.</summary>
public sealed class PingTests
{
    [Fact]
    public async Task A_ring_answers_from_its_start_on_also_while_it_waits_for_the_others()
    {
        using var ring = new LocalRing(2);
        await using var client = await ring.Join("a");
        using var network = Lines.NewNetwork();
        using var optimizer = new DistributedOptimizer(network.named_parameters(), client,
            LearningRate.Cosine(0.01, warmup: 2, steps: 9));
        Assert.False(await client.PingAsync());
        var waiting = Task.Run(optimizer.WaitForStep); // for b, who never comes
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await client.PingAsync().WaitAsync(limit.Token))
            await Task.Delay(1, limit.Token);
        Assert.False(waiting.IsCompleted);
        client.RequestStop();
        Assert.False(await waiting.WaitAsync(limit.Token));
    }
}
