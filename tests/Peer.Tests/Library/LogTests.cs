namespace DecentralizedLion.Peer.Tests.Library;

/// <summary>The lines that a program's operator reads.</summary>
public sealed class LogTests
{
    /// <summary>A terminal that was closed.</summary>
    sealed class ClosedOutput : StringWriter
    {
        public int Writes { get; private set; }

        public override void WriteLine(string? value)
        {
            Writes++;
            throw new IOException("Broken pipe");
        }
    }

    static async Task<long> Train(LocalRing ring, string id, TextWriter log)
    {
        await using var client = await ring.Join(id, new PeerOptions { Log = log });
        using var network = Lines.NewNetwork();
        using var optimizer = new DistributedLion(network.named_parameters(), client, LearningRate.Constant(0.01));
        optimizer.step();
        return optimizer.CurrentStep;
    }

    [Fact]
    public async Task Who_is_there_and_what_is_to_know_is_written_with_time_and_peer()
    {
        using var ring = new LocalRing(2);
        using StringWriter a = new(), b = new();
        var steps = await ring.Run(id => Train(ring, id, id == "a" ? a : b));
        Assert.Equal([1, 1], steps);
        Assert.Matches(@"(?m)^\d\d:\d\d:\d\d a: b is connected\r?$", $"{a}");
        Assert.Matches(@"(?m)^\d\d:\d\d:\d\d b: a is connected\r?$", $"{b}");
    }

    [Fact]
    public async Task A_closed_terminal_gets_one_line_and_training_goes_on()
    {
        using var ring = new LocalRing(2);
        using ClosedOutput a = new(), b = new();
        var steps = await ring.Run(id => Train(ring, id, id == "a" ? a : b));
        Assert.Equal([1, 1], steps);
        Assert.Equal((1, 1), (a.Writes, b.Writes));
    }
}
