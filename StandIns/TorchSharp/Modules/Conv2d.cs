using static TorchSharp.torch;

namespace TorchSharp.Modules;

public abstract class Convolution : nn.Module<Tensor, Tensor>
{
    protected Convolution(
        string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, long[] dilation,
        long groups, bool bias, Device device, ScalarType? dtype)
        : base(name)
    {
        (this.in_channels, this.out_channels, this.groups) = (in_channels, out_channels, groups);
        (this.kernel_size, this.stride, this.padding, this.dilation) = (kernel_size, stride, padding, dilation);
        weight = new(empty([out_channels, in_channels / groups, .. kernel_size], dtype, device));
        nn.init.kaiming_uniform_(weight, a: Math.Sqrt(5));
        register_parameter(nameof(weight), weight);
        if (!bias)
            return;
        double bound = 1 / Math.Sqrt(nn.init.CalculateFanInAndFanOut(weight).fanIn);
        this.bias = new(empty(out_channels, dtype, device));
        nn.init.uniform_(this.bias, -bound, bound);
        register_parameter(nameof(bias), this.bias);
    }

    public long in_channels { get; }

    public long out_channels { get; }

    public long[] kernel_size { get; set; }

    public long[] stride { get; set; }

    public long[] padding { get; }

    public long[] dilation { get; set; }

    public long groups { get; set; }

    public Parameter weight { get; }

    public Parameter bias { get; }

    protected override void RegisterComponents()
    {
    }
}

public sealed class Conv2d : Convolution
{
    internal Conv2d(
        long in_channels, long out_channels, long kernel_size, long stride, long padding, long dilation, long groups, bool bias,
        Device device, ScalarType? dtype)
        : base(
            nameof(Conv2d), in_channels, out_channels, [kernel_size, kernel_size], [stride, stride], [padding, padding],
            [dilation, dilation], groups, bias, device, dtype)
    {
    }

    public override Tensor forward(Tensor input) =>
        nn.functional.conv2d(input, weight, bias, stride, padding, dilation, groups);
}
