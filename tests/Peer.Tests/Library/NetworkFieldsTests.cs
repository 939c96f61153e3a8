using DecentralizedLion.Models;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Configuration;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Peer.Tests.Library;

/// <summary>Peers whose programs have other networks do not train with each other.</summary>
public sealed class NetworkFieldsTests
{
    [Fact]
    public async Task Parameters_in_another_order_are_refused_by_name()
    {
        foreach (var (error, mine) in await Refusals((id, network) => id == "a"
            ? network.named_parameters() : network.named_parameters().Reverse()))
            Assert.Contains(mine == "a"
                ? "model.layout: first.weight[8,4] first.bias[8] second.weight[3,8] second.bias[3] here"
                : "model.layout: second.bias[3] second.weight[3,8] first.bias[8] first.weight[8,4] here", error,
                StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_frozen_parameters_are_refused_by_name()
    {
        foreach (var (error, mine) in await Refusals((id, network) =>
        {
            Frozen(network, id == "a" ? "first.bias" : "second.bias");
            return network.named_parameters();
        }))
            Assert.Contains(mine == "a" ? "model.frozen: first.bias[8] here" : "model.frozen: second.bias[3] here", error,
                StringComparison.Ordinal);
    }

    [Fact]
    public async Task Frozen_parameters_of_other_values_are_refused_by_their_digest()
    {
        foreach (var (error, _) in await Refusals((id, network) =>
        {
            var frozen = Frozen(network, "first.bias");
            using var quiet = no_grad();
            frozen.fill_(id == "a" ? 1f : 2f);
            return network.named_parameters();
        }))
            Assert.Contains("settings differ: model.frozen.digest: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Frozen_parameters_of_equal_values_and_long_layouts_have_equal_and_short_fields()
    {
        var fields = Enumerable.Range(0, 2).Select(_ =>
        {
            using var network = nn.Sequential(Enumerable.Range(0, 100)
                .Select(i => ($"layer{i}", (nn.Module<Tensor, Tensor>)nn.Linear(2, 2))));
            using var quiet = no_grad();
            foreach (var parameter in network.parameters())
                parameter.fill_(0.5f).requires_grad = parameter.dim() > 1;
            return NetworkFieldsOf(network);
        }).ToArray();
        Assert.Equal(["model.layout", "model.frozen", "model.frozen.digest"], fields[0].Select(field => field.Name));
        Assert.Equal(fields[0], fields[1]);
        Assert.All(fields[0], field => Assert.Equal(64, field.Value.Length));

        static IReadOnlyList<FingerprintField> NetworkFieldsOf(Sequential network) =>
            NetworkFields.Of(TiedParameter.Of(network.named_parameters()));
    }

    static Parameter Frozen(Sequential network, string name)
    {
        var parameter = network.named_parameters().Single(one => one.name == name).parameter;
        parameter.requires_grad = false;
        return parameter;
    }

    /// <summary>What peers a and b say to each other, with the parameters that their programs give the optimizer.</summary>
    static async Task<(string Error, string Mine)[]> Refusals(
        Func<string, Sequential, IEnumerable<(string, Parameter)>> parametersOf)
    {
        using var ring = new LocalRing(2);
        return await ring.Run(async id =>
        {
            await using var client = await ring.Join(id);
            using var network = Lines.NewNetwork();
            using var optimizer = new DistributedLion(parametersOf(id, network), client, lr: 0.01);
            return (Assert.Throws<RingException>(() => optimizer.WaitForStep()).Message, id);
        });
    }
}
