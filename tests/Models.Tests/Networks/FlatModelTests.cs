using System.Runtime.InteropServices;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Models.Tests.Networks;

public sealed class FlatModelTests
{
    [Theory]
    [MemberData(nameof(Cases.Kinds), MemberType = typeof(Cases))]
    public void Slices_lie_without_gaps_in_parameter_order(string kind)
    {
        using var model = Cases.Model(kind);
        int offset = 0;
        foreach (var slice in model.Layout)
        {
            Assert.Equal(offset, slice.Offset);
            Assert.Equal(slice.Length, slice.Shape.Aggregate(1L, (a, b) => a * b));
            offset += slice.Length;
        }

        Assert.Equal(model.Count, offset);
        Assert.Equal(model.Count, model.Weights.Length);
        Assert.Equal(model.Count, model.Gradient.Length);
        Assert.Equal(0, model.Buffers.Count);
    }

    [Theory]
    [MemberData(nameof(Cases.Kinds), MemberType = typeof(Cases))]
    public void Weights_written_change_the_output_and_flattening_keeps_the_initial_values(string kind)
    {
        var (settings, shape, classes) = Cases.Small(kind);
        manual_seed(5);
        using var plain = NetworkFactory.Create(settings, shape, classes);
        using var model = Cases.Model(kind, seed: 5);
        float[] expected = [.. plain.parameters().SelectMany(Values)];
        Assert.Equal(expected, model.Weights.ToArray());

        var batch = Cases.Batch(kind, 2);
        float[] before = model.Predict(batch);
        foreach (ref float x in model.Weights)
            x *= 1.5f;
        Assert.NotEqual(before, model.Predict(batch));
        expected.CopyTo(model.Weights);
        Assert.Equal(before, model.Predict(batch));
    }

    [Fact]
    public void Backward_starts_from_zero_each_time()
    {
        using var model = Cases.Model("convnet");
        var batch = Cases.Batch("convnet", 3);
        float loss = model.Backward(batch);
        float[] first = model.Gradient.ToArray();
        model.Gradient.Fill(7);
        Assert.Equal(loss, model.Backward(batch));
        Assert.Equal(first, model.Gradient.ToArray());
        Assert.Contains(first, g => g != 0);
    }

    [Fact]
    public void A_parameter_the_loss_does_not_touch_keeps_exact_zeros()
    {
        using var model = new FlatModel(new WithUnused(), CPU);
        model.Backward(new() { InputShape = [1, 2], Images = [1, 2], Targets = [0] });
        var unused = Assert.Single(model.Layout, s => s.Name == "unused");
        Assert.All(model.Gradient.Slice(unused.Offset, unused.Length).ToArray(), g => Assert.Equal(0f, g));
        Assert.Contains(model.Gradient.ToArray(), g => g != 0);
    }

    [Fact]
    public void Gradients_that_were_cut_loose_are_found_all_the_same()
    {
        using var network = new WithUnused();
        using var flat = new FlatParameters(network.named_parameters());
        var batch = new Batch { InputShape = [1, 2], Images = [1, 2], Targets = [0] };
        var classifier = new Classifier(network, CPU);
        flat.ZeroGradient();
        classifier.Backward([batch]);
        flat.CollectGradient();
        float[] expected = [.. flat.Gradient.Span];
        flat.Gradient.Span.Fill(7);
        network.zero_grad();
        classifier.Backward([batch]);
        flat.CollectGradient();
        Assert.Equal(expected, flat.Gradient.Span.ToArray());
        Assert.Contains(expected, g => g != 0);
    }

    [Fact]
    public void A_network_that_was_moved_afterwards_is_named()
    {
        using var network = nn.Linear(2, 2);
        using var flat = new FlatParameters(network.named_parameters());
        using (no_grad())
            network.weight!.set_(ones(2, 2));
        Assert.Contains("parameter weight was replaced",
            Assert.Throws<InvalidOperationException>(flat.CollectGradient).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_was_given_another_type_afterwards_is_named()
    {
        using var network = nn.Linear(2, 2);
        using var flat = new FlatParameters(network.named_parameters());
        network.to(float64);
        foreach (Action use in (Action[])[flat.ZeroGradient, flat.CollectGradient])
            Assert.Contains("parameter weight was replaced", Assert.Throws<InvalidOperationException>(use).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void A_parameter_that_was_frozen_afterwards_is_named()
    {
        using var network = nn.Linear(2, 2);
        using var flat = new FlatParameters(network.named_parameters());
        network.bias!.requires_grad = false;
        Assert.Contains("parameter bias was frozen after the optimizer was made",
            Assert.Throws<InvalidOperationException>(flat.CollectGradient).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_trained_is_named()
    {
        using var wide = new Parameter(ones(2, float64));
        Assert.Contains("parameter w is Float64",
            Assert.Throws<ArgumentException>(() => new FlatParameters([("w", wide)])).Message, StringComparison.Ordinal);
        using var frozen = new Parameter(ones(2), requires_grad: false);
        Assert.Contains("no parameters that require a gradient",
            Assert.Throws<ArgumentException>(() => new FlatParameters([("f", frozen)])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Buffers_are_announced()
    {
        using var model = new FlatModel(new WithBuffers(), CPU);
        Assert.NotEqual(0, model.Buffers.Count);
        Assert.Equal(["norm.weight", "norm.bias"], model.Layout.Select(s => s.Name));
    }

    [Fact]
    public void A_step_and_an_evaluation_leave_no_tensor_in_the_scope_around_them()
    {
        using var model = Cases.Model("vit");
        using var scope = NewDisposeScope();
        model.Backward(Cases.Batch("vit", 2));
        model.Predict(Cases.Batch("vit", 2));
        model.Evaluate(new Listed([[0f, 0f, 0f]], [0]) { Repeat = Cases.Batch("vit", 1) }, 1, 1);
        model.CopyWeightsToDevice();
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Evaluation_of_a_hand_made_case(int batch)
    {
        using var model = new FlatModel(nn.Linear(2, 2, hasBias: false), CPU);
        float[] identity = [1, 0, 0, 1];
        identity.CopyTo(model.Weights);
        // The logits are the inputs: right, right, wrong.
        var part = new Listed([[2, 0], [0, 1], [3, 0]], [0, 1, 1]);
        var result = model.Evaluate(part, long.MaxValue, batch);
        double expected = (Math.Log(1 + Math.Exp(-2)) + Math.Log(1 + Math.Exp(-1)) + Math.Log(1 + Math.Exp(3))) / 3;
        Assert.Equal(expected, result.Loss, 1e-6);
        Assert.Equal(2.0 / 3, result.Accuracy, 1e-12);
        Assert.Equal(3, result.Samples);
        Assert.Equal(1.0, model.Evaluate(part, 2, batch).Accuracy);
        Assert.Equal(0, model.Evaluate(part, 0, batch).Predictions);
    }

    [Fact]
    public void An_evaluation_can_be_ended_after_a_batch_and_training_goes_on()
    {
        var network = nn.Dropout(0.5);
        using var weights = nn.Linear(2, 2);
        using var both = nn.Sequential(weights, network);
        using var model = new FlatModel(both, CPU);
        using var stop = new CancellationTokenSource();
        long measured = 0;
        Assert.Throws<OperationCanceledException>(() => model.Evaluate(new Listed([[2, 0], [0, 1], [3, 0]], [0, 1, 1]),
            long.MaxValue, 1, samples =>
            {
                measured = samples;
                stop.Cancel();
            }, stop.Token));
        Assert.Equal(1, measured);
        Assert.True(network.training);
    }

    [Fact]
    public void A_loss_that_is_not_finite_is_returned_as_it_is()
    {
        using var model = Cases.Model("mlp");
        model.Weights.Fill(float.NaN);
        Assert.True(float.IsNaN(model.Backward(Cases.Batch("mlp", 2))));
    }

    [Fact]
    public void After_disposal_nothing_is_handed_out()
    {
        var model = Cases.Model("mlp");
        model.Dispose();
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Weights.Length);
        Assert.Throws<ObjectDisposedException>(() => model.Backward(Cases.Batch("mlp", 1)));
    }

    internal static float[] Values(Parameter parameter)
    {
        using var flat = parameter.detach();
        return MemoryMarshal.Cast<byte, float>(flat.bytes).ToArray();
    }

    sealed class WithUnused : nn.Module<Tensor, Tensor>
    {
        readonly Linear used;
        readonly Parameter unused;

        public WithUnused()
            : base(nameof(WithUnused))
        {
            used = nn.Linear(2, 2);
            unused = nn.Parameter(ones(3));
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => used.call(x);
    }

    sealed class WithBuffers : nn.Module<Tensor, Tensor>
    {
        readonly BatchNorm2d norm;

        public WithBuffers()
            : base(nameof(WithBuffers))
        {
            norm = nn.BatchNorm2d(2);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => norm.call(x).mean([2, 3]);
    }

    sealed class Listed(float[][] inputs, long[] targets) : IDataSplit
    {
        public Batch? Repeat { get; init; }

        public long Count => inputs.Length;

        public Batch Read(ReadOnlySpan<long> samples)
        {
            if (Repeat is not null)
                return Repeat;
            long[] asked = samples.ToArray();
            return new()
            {
                InputShape = [asked.Length, inputs[0].Length],
                Images = [.. asked.SelectMany(i => inputs[i])],
                Targets = [.. asked.Select(i => targets[i])],
            };
        }
    }
}
