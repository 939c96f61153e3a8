using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Networks;
using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Optimizers;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Configuration;
using TorchSharp;

namespace DecentralizedLion.Peer.Tests.Training;

/// <summary><c>weightDecayOf</c>: which parameters shrink, and that their order stays.</summary>
public class WeightDecayGroupsTests
{
    static TrainingSettings Settings(string more = "") => TrainingSettings.Read(
        SettingsReader.Parse($$"""{ "run": "r", "steps": 10, "learningRate": 0.001{{more}} }""", "peers.json"));

    static torch.nn.Module<torch.Tensor, torch.Tensor> Network() =>
        NetworkFactory.Create(new VitSettings(Patch: 8, Width: 16, Depth: 2, Heads: 2), [3, 32, 32], 10);

    [Fact]
    public void All_parameters_are_one_group_by_default()
    {
        using var network = Network();
        var settings = Settings();
        var group = Assert.Single(WeightDecayGroups.Of(NetworkParameters.Of(network, torch.CPU), settings));
        Assert.Null(group.WeightDecay);
        using var model = new FlatModel(network, torch.CPU);
        Assert.Null(WeightDecayGroups.RangesOf(model.Layout, settings));
    }

    [Fact]
    public void Norms_and_biases_keep_their_size_and_their_place()
    {
        using var network = Network();
        var settings = Settings(""", "weightDecayOf": "matrices" """);
        var parameters = NetworkParameters.Of(network, torch.CPU);
        var groups = WeightDecayGroups.Of(parameters, settings);
        Assert.Equal(parameters.Select(one => one.name), groups.SelectMany(group => group.Parameters).Select(one => one.name));
        foreach (var group in groups)
            Assert.All(group.Parameters, one => Assert.Equal(one.parameter.dim() < 2 ? 0.0 : null, group.WeightDecay));

        var named = new NamedGroups(groups);
        using var model = new FlatModel(network, torch.CPU);
        var library = named.RangesOf(model.Layout)!;
        var oracle = WeightDecayGroups.RangesOf(model.Layout, settings)!;
        Assert.Equal(Decays(library), Decays(oracle));
        Assert.Contains(0f, Decays(oracle));
        Assert.Contains(null, Decays(oracle));
    }

    /// <summary>A peer that applies old steps after <c>weightDecay</c> was changed does what the others did.</summary>
    [Fact]
    public void What_decays_does_so_by_the_records_weight_decay()
    {
        var weights = new HostVector([1, 1]);
        var rates = new GroupRates([new(0, 1, null, 1), new(1, 2, 0, 1)], VectorPlace.Host);
        var record = new StepRecord(1, 1, 1, PeerSet.First(1), PeerSet.Empty, [], BitConverter.SingleToUInt32Bits(0.5f),
            BitConverter.SingleToUInt32Bits(0.25f), [], default);
        rates.Apply(new SignSgd(2, TieRule.Previous), record, weights);
        Assert.Equal([1 - 0.5f * 0.25f, 1], weights.Span.ToArray());
    }

    [Fact]
    public void A_deep_network_is_one_field_of_the_greeting()
    {
        Assert.Equal(2, Fields(2).Count(name => name.StartsWith("group.", StringComparison.Ordinal)));
        Assert.Equal("groups", Assert.Single(Fields(1000), name => name.StartsWith("group", StringComparison.Ordinal)));

        static IEnumerable<string> Fields(int groups)
        {
            GroupRange[] ranges =
                [.. Enumerable.Range(0, groups).Select(i => new GroupRange(i, i + 1, i % 2 == 0 ? null : 0, 1))];
            var settings = new OptimizerSettings(new MethodOptions(), LearningRate.Constant(0.1), 0.1f, ranges);
            return settings.Fields().Select(field => field.Name);
        }
    }

    static IEnumerable<float?> Decays(IEnumerable<GroupRange> ranges) =>
        ranges.SelectMany(range => Enumerable.Repeat(range.WeightDecay, range.End - range.Begin));
}
