using DecentralizedLion.Models.Vectors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Models.Networks;

/// <summary>int64 [batch, tokens] → [batch × tokens, vocabulary].</summary>
sealed class Gpt : nn.Module<Tensor, Tensor>
{
    readonly Embedding tokens;
    readonly Parameter pos;
    readonly Sequential blocks;
    readonly LayerNorm norm;

    public Gpt(GptSettings settings, int vocabulary)
        : base(nameof(Gpt))
    {
        tokens = nn.Embedding(vocabulary, settings.Width);
        pos = nn.Parameter(zeros(new long[] { settings.Context, settings.Width }));
        var all = Enumerable.Range(0, settings.Depth)
            .Select(_ => new Block(settings.Width, settings.Heads, causal: true)).ToArray();
        blocks = nn.Sequential(all);
        norm = nn.LayerNorm(settings.Width);
        RegisterComponents();
        InitialWeights.Draw(this);
        Initialise(all);
    }

    public override Tensor forward(Tensor x)
    {
        var embedded = tokens.call(x).Plus(pos.narrow(0, 0, x.shape[1]));
        var features = norm.call(blocks.call(embedded)).flatten(0, 1);
        // Tied: the flat vector holds these weights once, and no row of them is without a gradient.
        return nn.functional.linear(features, tokens.weight!);
    }

    /// <summary>Normal(0, 0.02), for the layers that write to the residual stream divided by √(2·depth); biases zero.</summary>
    void Initialise(Block[] all)
    {
        foreach (var (name, parameter) in named_parameters())
        {
            if (name.EndsWith("bias", StringComparison.Ordinal))
                nn.init.zeros_(parameter);
            else if (parameter.ndim == 2)
                nn.init.normal_(parameter, 0, 0.02);
        }

        foreach (var parameter in all.SelectMany(block => block.Residual))
            nn.init.normal_(parameter, 0, 0.02 / Math.Sqrt(2 * all.Length));
    }
}
