using TorchSharp.Interop;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Here for models with buffers; the built-in networks have none.</summary>
public sealed class BatchNorm2d : nn.Module<Tensor, Tensor>
{
    readonly double momentum;

    internal BatchNorm2d(long num_features, double eps, double momentum, Device device, ScalarType? dtype)
        : base(nameof(BatchNorm2d))
    {
        (this.num_features, this.eps, this.momentum) = (num_features, eps, momentum);
        weight = new(ones(num_features, dtype, device));
        bias = new(zeros(num_features, dtype, device));
        running_mean = zeros(num_features, dtype, device);
        running_var = ones(num_features, dtype, device);
        num_batches_tracked = zeros([], ScalarType.Int64, device);
        register_parameter(nameof(weight), weight);
        register_parameter(nameof(bias), bias);
        register_buffer(nameof(running_mean), running_mean);
        register_buffer(nameof(running_var), running_var);
        register_buffer(nameof(num_batches_tracked), num_batches_tracked);
    }

    public long num_features { get; }

    public double eps { get; set; }

    public Parameter weight { get; }

    public Parameter bias { get; }

    public Tensor running_mean { get; }

    public Tensor running_var { get; }

    public Tensor num_batches_tracked { get; }

    public override Tensor forward(Tensor input)
    {
        if (training)
            num_batches_tracked.add_(1);
        return Native.tt_batch_norm(input, weight, bias, running_mean, running_var, training ? 1 : 0, momentum, eps);
    }

    protected override void RegisterComponents()
    {
    }
}
