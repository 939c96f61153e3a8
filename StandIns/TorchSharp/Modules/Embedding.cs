using TorchSharp.Interop;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed class Embedding : nn.Module<Tensor, Tensor>
{
    internal Embedding(long num_embeddings, long embedding_dims, Device device, ScalarType? dtype)
        : base(nameof(Embedding))
    {
        weight = new(empty(num_embeddings, embedding_dims, dtype, device));
        nn.init.normal_(weight);
        register_parameter(nameof(weight), weight);
    }

    public Parameter weight { get; }

    public override Tensor forward(Tensor input) => Native.tt_embedding(weight, input, -1);

    protected override void RegisterComponents()
    {
    }
}
