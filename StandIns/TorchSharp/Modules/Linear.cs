using static TorchSharp.torch;

namespace TorchSharp.Modules;

public class Linear : nn.Module<Tensor, Tensor>
{
    internal Linear(long inputSize, long outputSize, bool hasBias, Device device, ScalarType? dtype)
        : base(nameof(Linear))
    {
        in_features = inputSize;
        out_features = outputSize;
        weight = new(empty(outputSize, inputSize, dtype, device));
        nn.init.kaiming_uniform_(weight, a: Math.Sqrt(5));
        register_parameter(nameof(weight), weight);
        if (!hasBias)
            return;
        double bound = inputSize > 0 ? 1 / Math.Sqrt(inputSize) : 0;
        bias = new(empty(outputSize, dtype, device));
        nn.init.uniform_(bias, -bound, bound);
        register_parameter(nameof(bias), bias);
    }

    public long in_features { get; set; }

    public long out_features { get; set; }

    public Parameter weight { get; }

    public Parameter bias { get; }

    public override Tensor forward(Tensor tensor) => nn.functional.linear(tensor, weight, bias);

    protected override void RegisterComponents()
    {
    }
}
