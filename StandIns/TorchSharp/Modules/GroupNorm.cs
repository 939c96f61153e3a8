using TorchSharp.Interop;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed class GroupNorm : nn.Module<Tensor, Tensor>
{
    internal GroupNorm(long num_groups, long num_channels, double eps, bool affine, Device device, ScalarType? dtype)
        : base(nameof(GroupNorm))
    {
        (this.num_groups, this.num_channels, this.eps) = (num_groups, num_channels, eps);
        if (!affine)
            return;
        weight = new(ones(num_channels, dtype, device));
        register_parameter(nameof(weight), weight);
        bias = new(zeros(num_channels, dtype, device));
        register_parameter(nameof(bias), bias);
    }

    public long num_groups { get; }

    public long num_channels { get; }

    public double eps { get; set; }

    public Parameter weight { get; }

    public Parameter bias { get; }

    public override Tensor forward(Tensor tensor) => Native.tt_group_norm(tensor, num_groups, weight, bias, eps);

    protected override void RegisterComponents()
    {
    }
}
