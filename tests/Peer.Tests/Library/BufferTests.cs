using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Peer.Tests.Library;

/// <summary>A network's buffers, which each peer computes from its own samples.</summary>
public sealed class BufferTests
{
    const int Steps = 20;

    /// <summary>A peer's buffers after some of the steps, and at the end.</summary>
    sealed record Result(Dictionary<long, float[]> After, float[] End, long Batches);

    [Fact]
    public async Task They_are_the_peers_own_between_and_their_mean_in_every_16th_step_and_the_last()
    {
        using var ring = new LocalRing(3);
        var peers = await ring.Run(id => Train(ring, id));
        Assert.NotEqual(peers[0].After[15], peers[1].After[15]);
        foreach (long step in (long[])[16, Steps])
        {
            Assert.All(peers, peer => Assert.Equal(peers[0].After[step], peer.After[step]));
            Assert.NotEqual(0, peers[0].After[step][0]);
        }
        Assert.NotEqual(peers[0].After[17], peers[1].After[17]);
        Assert.All(peers, peer => Assert.Equal(Steps, peer.Batches)); // a count is left alone
    }

    [Fact]
    public async Task Without_being_given_they_are_left_alone()
    {
        using var ring = new LocalRing(2);
        var peers = await ring.Run(id => Train(ring, id, isGiven: false));
        Assert.NotEqual(peers[0].End, peers[1].End);
    }

    [Theory]
    [InlineData("g-adamw", 0)]
    [InlineData("terngrad", 0)]
    [InlineData("mavo", 3)]
    [InlineData("avg", 4)]
    public async Task They_go_with_every_method_and_with_momenta(string method, int momentumSync)
    {
        using var ring = new LocalRing(2);
        var peers = await ring.Run(id => Train(ring, id,
            options: new MethodOptions { Method = method, MomentumSync = momentumSync }));
        Assert.Equal(peers[0].End, peers[1].End);
    }

    [Fact]
    public async Task Not_a_number_at_one_peer_is_not_everybodys()
    {
        using var ring = new LocalRing(2);
        var peers = await ring.Run(id => Train(ring, id, spoilt: id == "a" ? 15 : null));
        Assert.Contains(peers[0].After[15], float.IsNaN);
        Assert.All(peers, peer => Assert.All(peer.After[16], value => Assert.True(float.IsFinite(value))));
        Assert.Equal(peers[0].After[16], peers[1].After[16]);
    }

    [Fact]
    public async Task Who_starts_again_has_them_from_its_checkpoint_and_who_lost_its_disk_from_the_others()
    {
        using var ring = new LocalRing(2);
        var before = await ring.Run(id => Train(ring, id));
        Directory.Delete(ring.FolderOf("b"), recursive: true);
        var after = await ring.Run(id => Train(ring, id));
        Assert.All(after, peer => Assert.Equal(before[0].End, peer.End));
        Assert.All(after, peer => Assert.Equal(0, peer.Batches)); // no step was made
    }

    static async Task<Result> Train(LocalRing ring, string id, bool isGiven = true, MethodOptions? options = null,
        long? spoilt = null)
    {
        await using var client = await ring.Join(id);
        using var network = new Normalized();
        using var optimizer = new DistributedOptimizer(network.named_parameters(), client,
            LearningRate.Constant(0.01, Steps), options: options, buffers: isGiven ? network.named_buffers() : null);
        var sampler = new DistributedSampler(Lines.Count, client, batch_size: 4, seed: 1);
        var after = new Dictionary<long, float[]>();
        while (optimizer.WaitForStep())
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var (inputs, targets) = Lines.Read(sampler.Next());
            var loss = nn.functional.cross_entropy(network.call(inputs), targets);
            loss.backward();
            optimizer.step(loss);
            if (optimizer.CurrentStep == spoilt)
                network.Spoil();
            after[optimizer.CurrentStep] = network.Statistics;
        }
        return new Result(after, network.Statistics, network.Batches);
    }

    sealed class Normalized : nn.Module<Tensor, Tensor>
    {
        readonly Sequential network = Lines.NewNetwork();
        readonly BatchNorm1d norm = nn.BatchNorm1d(3);

        public Normalized()
            : base(nameof(Normalized)) => RegisterComponents();

        public float[] Statistics => [.. norm.running_mean!.data<float>(), .. norm.running_var!.data<float>()];

        public long Batches => norm.num_batches_tracked!.item<long>();

        public override Tensor forward(Tensor x) => norm.call(network.call(x));

        public void Spoil()
        {
            using var quiet = no_grad();
            norm.running_mean!.fill_(float.NaN);
        }
    }
}
