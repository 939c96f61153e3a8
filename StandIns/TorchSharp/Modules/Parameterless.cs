using static TorchSharp.torch;

namespace TorchSharp.Modules;

public abstract class ParameterLessModule<T, TResult>(string name) : nn.Module<T, TResult>(name)
{
    protected override void RegisterComponents()
    {
    }
}

public sealed class GELU : ParameterLessModule<Tensor, Tensor>
{
    internal GELU()
        : base(nameof(GELU))
    {
    }

    public override Tensor forward(Tensor tensor) => nn.functional.gelu(tensor);
}

public sealed class ReLU : ParameterLessModule<Tensor, Tensor>
{
    internal ReLU(bool inplace)
        : base(nameof(ReLU)) => this.inplace = inplace;

    public bool inplace { get; set; }

    public override Tensor forward(Tensor tensor) => nn.functional.relu(tensor, inplace);
}

public sealed class Dropout : ParameterLessModule<Tensor, Tensor>
{
    internal Dropout(double p, bool inplace)
        : base(nameof(Dropout)) => (this.p, this.inplace) = (p, inplace);

    public bool inplace { get; set; }

    public double p { get; set; }

    public override Tensor forward(Tensor tensor) => nn.functional.dropout(tensor, p, training, inplace);
}

public sealed class Flatten : ParameterLessModule<Tensor, Tensor>
{
    readonly long startDim, endDim;

    internal Flatten(long startDim, long endDim)
        : base(nameof(Flatten)) => (this.startDim, this.endDim) = (startDim, endDim);

    public override Tensor forward(Tensor input) => input.flatten(startDim, endDim);
}

public sealed class MaxPool2d : ParameterLessModule<Tensor, Tensor>
{
    readonly long kernelSize;
    readonly long? stride, padding, dilation;
    readonly bool ceilMode;

    internal MaxPool2d(long kernelSize, long? stride, long? padding, long? dilation, bool ceilMode)
        : base(nameof(MaxPool2d)) =>
        (this.kernelSize, this.stride, this.padding, this.dilation, this.ceilMode) = (kernelSize, stride, padding, dilation, ceilMode);

    public override Tensor forward(Tensor input) =>
        nn.functional.max_pool2d(input, kernelSize, stride, padding, dilation, ceilMode);
}
