using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Takes over the handle of its data, which must not be used on.</summary>
public class Parameter : Tensor
{
    public Parameter(Tensor data, bool requires_grad = true)
        : base(data.with_requires_grad(requires_grad).DecoupleFromNativeHandle())
    {
    }
}
