using DecentralizedLion.Models.Vectors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Models.Networks;

/// <summary>x + attention(norm(x)), then x + mlp(norm(x)), over [batch, tokens, width].</summary>
sealed class Block : nn.Module<Tensor, Tensor>
{
    /// <summary>The largest width, and the most blocks in a network.</summary>
    public const int WidthMax = 16384, DepthMax = 256;

    readonly LayerNorm n1, n2;
    readonly Linear qkv;
    readonly Linear @out;
    readonly Sequential mlp;
    readonly int heads;
    readonly bool causal;

    public Block(int width, int heads, bool causal)
        : base(nameof(Block))
    {
        (this.heads, this.causal) = (heads, causal);
        n1 = nn.LayerNorm(width);
        n2 = nn.LayerNorm(width);
        qkv = nn.Linear(width, 3 * width);
        @out = nn.Linear(width, width);
        mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width));
        RegisterComponents();
    }

    /// <summary>The size of a block of this width.</summary>
    public static NetworkSize Size(long width) => 2 * NetworkSize.Norm(width) + NetworkSize.Linear(width, 3 * width)
        + NetworkSize.Linear(width, width) + NetworkSize.Linear(width, 4 * width) + NetworkSize.Linear(4 * width, width);

    /// <summary>The two layers that write to the residual stream.</summary>
    public IEnumerable<Parameter> Residual => mlp.parameters().Where(p => p.ndim == 2).Skip(1).Prepend(@out.weight);

    public override Tensor forward(Tensor x)
    {
        // What autograd does not keep is freed here, not at the step's end: memory that is warm is used again.
        using var scope = NewDisposeScope();
        x = x.Plus(Attend(n1.call(x)));
        return x.Plus(mlp.call(n2.call(x))).MoveToOuterDisposeScope();
    }

    Tensor Attend(Tensor x)
    {
        var (batch, tokens, width) = (x.shape[0], x.shape[1], x.shape[2]);
        var parts = qkv.call(x).chunk(3, dim: -1);
        var (q, k, v) = (Heads(parts[0]), Heads(parts[1]), Heads(parts[2]));
        var attended = nn.functional.scaled_dot_product_attention(q, k, v, is_casual: causal);
        return @out.call(attended.transpose(1, 2).reshape(batch, tokens, width));

        // [batch, tokens, width] → [batch, heads, tokens, width / heads]
        Tensor Heads(Tensor t) => t.view(batch, tokens, heads, width / heads).transpose(1, 2);
    }
}
