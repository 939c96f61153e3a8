using static TorchSharp.torch;

namespace DecentralizedLion.Peer.Tests.Library;

/// <summary>Tests of what other tests run their peers with.</summary>
public sealed class LocalRingTests
{
    [Fact]
    public async Task A_program_that_fails_ends_the_others_and_its_exception_is_the_one_that_is_thrown()
    {
        using var ring = new LocalRing(3);
        var left = 0;
        var fault = await Assert.ThrowsAsync<InvalidDataException>(() => ring.Run(async id =>
        {
            await using var client = await ring.Join(id);
            if (id == "b")
                throw new InvalidDataException("b's own");
            using var network = nn.Linear(4, 2);
            using var optimizer = new DistributedLion(network.named_parameters(), client, 0.01);
            while (optimizer.WaitForStep())
            {
                optimizer.zero_grad();
                using var loss = network.forward(ones(1, 4)).sum();
                loss.backward();
                optimizer.step();
            }
            return Interlocked.Increment(ref left);
        }));
        Assert.Equal(("b's own", 2), (fault.Message, left));
    }
}
