using DecentralizedLion.Models.Datasets;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Models.Tests.Networks;

/// <summary>Weights that two layers share: as one object under two names, and as two tensors over the same memory.</summary>
public sealed class TiedParameterTests
{
    static readonly Batch batch = new() { InputShape = [2, 2], Images = [1, 2, -1, 3], Targets = [0, 1] };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Tied_weights_lie_in_the_vector_once_and_their_gradients_add_up(bool isOneObject)
    {
        using var network = new Twice(isOneObject);
        using var flat = new FlatParameters(network.named_parameters());
        Assert.Equal(["first"], flat.Layout.Select(slice => slice.Name));
        Assert.Equal(Twice.Values, flat.Weights.Span.ToArray());

        var classifier = new Classifier(network, CPU);
        flat.ZeroGradient();
        classifier.Backward([batch]);
        flat.CollectGradient();
        AssertEqual(Expected(), flat.Gradient.Span.ToArray());

        // And where the network's own zero_grad has taken the views away.
        network.zero_grad();
        flat.Gradient.Span.Fill(7);
        classifier.Backward([batch]);
        flat.CollectGradient();
        AssertEqual(Expected(), flat.Gradient.Span.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_written_is_seen_under_both_names(bool isOneObject)
    {
        using var network = new Twice(isOneObject);
        using var flat = new FlatParameters(network.named_parameters());
        flat.Weights.Span.Fill(5);
        Assert.All(network.named_parameters(), named => Assert.Equal(5, named.parameter.mean().item<float>()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Mini_batches_and_clipping_scale_a_tied_gradient_once(bool isOneObject)
    {
        using var network = new Twice(isOneObject);
        using var flat = new FlatParameters(network.named_parameters());
        var classifier = new Classifier(network, CPU);
        flat.ZeroGradient();
        classifier.Backward([batch, batch]);
        AssertEqual(Expected(), flat.Gradient.Span.ToArray());

        flat.ZeroGradient();
        classifier.Backward([batch], clip: 0.25);
        Assert.Equal(0.25, Math.Sqrt(flat.Gradient.Span.ToArray().Sum(g => (double)g * g)), 1e-4);
    }

    [Fact]
    public void A_second_optimizer_keeps_the_weights_tied()
    {
        using var network = new Twice(isOneObject: false);
        new FlatParameters(network.named_parameters()).Dispose();
        using var flat = new FlatParameters(network.named_parameters());
        flat.Weights.Span.Fill(5);
        Assert.All(network.named_parameters(), named => Assert.Equal(5, named.parameter.mean().item<float>()));
    }

    [Fact]
    public void A_frozen_name_of_a_trained_weight_follows_it()
    {
        using var trained = new Parameter(ones(2, 2));
        using var frozen = new Parameter(trained.detach(), requires_grad: false);
        using var flat = new FlatParameters([("frozen", frozen), ("trained", trained)]);
        flat.Weights.Span.Fill(5);
        Assert.Equal(5, frozen.mean().item<float>());
    }

    [Fact]
    public void Parts_of_one_storage_are_parameters_of_their_own()
    {
        using var store = arange(8, float32);
        using Parameter low = new(store.narrow(0, 0, 4)), high = new(store.narrow(0, 4, 4));
        using var flat = new FlatParameters([("low", low), ("high", high)]);
        Assert.Equal(Enumerable.Range(0, 8).Select(i => (float)i), flat.Weights.Span.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Tied_weights_of_two_shapes_are_refused_by_name(bool isTransposed)
    {
        using var matrix = new Parameter(ones(2, 2));
        using var other = new Parameter(isTransposed ? matrix.detach().t() : matrix.detach().view(-1));
        var error = Assert.Throws<ArgumentException>(() => new FlatParameters([("matrix", matrix), ("other", other)]));
        Assert.Contains("parameters matrix and other share their memory", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The gradient that autograd gives a single tensor which is used twice.</summary>
    static float[] Expected()
    {
        using var scope = NewDisposeScope();
        var weight = tensor(Twice.Values, [2, 2], requires_grad: true);
        var logits = tensor(batch.Images!, batch.InputShape).matmul(weight).tanh().matmul(weight);
        nn.functional.cross_entropy(logits, tensor(batch.Targets)).backward();
        return weight.grad!.data<float>().ToArray();
    }

    static void AssertEqual(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], found[i], 1e-6f);
    }

    sealed class Twice : nn.Module<Tensor, Tensor>
    {
        public static readonly float[] Values = [0.5f, -1, 2, 0.25f];

        readonly Parameter first, second;

        public Twice(bool isOneObject) : base(nameof(Twice))
        {
            first = new Parameter(tensor(Values, [2, 2]).clone());
            second = isOneObject ? first : new Parameter(first.detach());
            register_parameter(nameof(first), first);
            register_parameter(nameof(second), second);
        }

        public override Tensor forward(Tensor x) => x.matmul(first).tanh().matmul(second);
    }
}
