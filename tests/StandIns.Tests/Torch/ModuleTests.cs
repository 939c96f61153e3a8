using TorchSharp;
using TorchSharp.Modules;
using static DecentralizedLion.StandIns.Tests.Torch.Values;
using static TorchSharp.torch;

namespace DecentralizedLion.StandIns.Tests.Torch;

public sealed class ModuleTests
{
    [Fact]
    public void Components_are_registered_from_fields_in_their_order()
    {
        using var outer = new Outer();
        Assert.Equal(
            ["scale", "first.weight", "first.bias", "list.0.weight", "list.1.weight", "list.1.bias", "body.0.weight"],
            outer.named_parameters().Select(p => p.name));
        Assert.Equal(["offset"], outer.named_buffers().Select(b => b.name));
        Assert.Equal(["first", "list", "body"], outer.named_children().Select(c => c.name));
    }

    [Fact]
    public void A_parameter_used_twice_is_listed_once()
    {
        using var shared = new Shared();
        Assert.Equal(["a.weight", "a.bias"], shared.named_parameters().Select(p => p.name));
    }

    [Fact]
    public void Training_mode_reaches_all()
    {
        using var outer = new Outer();
        Assert.True(outer.training);
        outer.eval();
        Assert.All(outer.modules(), m => Assert.False(m.training));
        outer.train();
        Assert.All(outer.modules(), m => Assert.True(m.training));
    }

    [Fact]
    public void Initial_values_are_drawn_as_PyTorch_does()
    {
        manual_seed(11);
        using var linear = nn.Linear(64, 32);
        Within(linear.weight, 1 / 8.0);
        Within(linear.bias, 1 / 8.0);
        using var conv = nn.Conv2d(4, 16, 3);
        Within(conv.weight, 1 / 6.0);
        Within(conv.bias, 1 / 6.0);
        using var embedding = nn.Embedding(100, 100);
        float[] values = embedding.weight.Floats();
        Assert.Equal(0, values.Average(), 0.05);
        Assert.Equal(1, Math.Sqrt(values.Average(v => v * v)), 0.05);

        static void Within(Tensor tensor, double bound)
        {
            float[] values = tensor.Floats();
            Assert.All(values, v => Assert.InRange(v, -bound, bound));
            Assert.True(values.Max(Math.Abs) > 0.8 * bound);
        }
    }

    [Fact]
    public void A_seed_repeats_its_numbers()
    {
        manual_seed(3);
        float[] first = randn(8).Floats();
        Assert.NotEqual(first, randn(8).Floats());
        manual_seed(3);
        Assert.Equal(first, randn(8).Floats());
        using var state = get_rng_state();
        float[] next = rand(4).Floats();
        set_rng_state(state);
        Assert.Equal(next, rand(4).Floats());
    }

    [Fact]
    public void An_embedding_looks_rows_up()
    {
        using var embedding = nn.Embedding(3, 2);
        using (no_grad())
            embedding.weight.copy_(Matrix(3, 2, 1, 2, 3, 4, 5, 6));
        Near(embedding.call(tensor(new long[] { 2, 0 })), 5, 6, 1, 2);
    }

    [Fact]
    public void Devices_are_written_and_read()
    {
        Assert.Equal(DeviceType.CPU, device("cpu").type);
        Assert.Equal("cuda:1", device("cuda:1").ToString());
        Assert.Equal(0, CUDA.index);
        Assert.Throws<ArgumentException>(() => device("quantum"));
        Assert.Equal(cuda.is_available(), cuda.device_count() > 0);
        Assert.Equal(cuda.is_available(), TryInitializeDeviceType(DeviceType.CUDA));
    }

    sealed class Outer : nn.Module<Tensor, Tensor>
    {
        readonly Linear first;
        readonly Parameter scale;
        readonly Tensor offset;
        readonly ModuleList<Linear> list;
        readonly Sequential body;

        public Outer()
            : base(nameof(Outer))
        {
            first = nn.Linear(2, 2);
            scale = nn.Parameter(ones(2));
            offset = zeros(2);
            list = nn.ModuleList(nn.Linear(2, 2, hasBias: false), nn.Linear(2, 2));
            body = nn.Sequential(nn.Linear(2, 2, hasBias: false), nn.ReLU());
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => (body.call(list[1].call(first.call(input))) * scale) + offset;
    }

    sealed class Shared : nn.Module<Tensor, Tensor>
    {
        readonly Linear a;
        readonly Sequential again;

        public Shared()
            : base(nameof(Shared))
        {
            a = nn.Linear(2, 2);
            again = nn.Sequential(a);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => again.call(input);
    }
}
