using DecentralizedLion.Models.Vectors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Models.Networks;

sealed class Vit : nn.Module<Tensor, Tensor>
{
    readonly Conv2d patch;
    readonly Parameter pos;
    readonly Sequential blocks;
    readonly LayerNorm norm;
    readonly Linear head;

    public Vit(VitSettings settings, long[] sampleShape, int classes)
        : base(nameof(Vit))
    {
        var (side, width) = (settings.Patch, settings.Width);
        patch = nn.Conv2d(sampleShape[0], width, kernel_size: side, stride: side);
        pos = nn.Parameter(zeros(new[] { 1, sampleShape[1] / side * (sampleShape[2] / side), width }));
        blocks = nn.Sequential(
            Enumerable.Range(0, settings.Depth)
                .Select(_ => (nn.Module<Tensor, Tensor>)new Block(width, settings.Heads, causal: false)));
        norm = nn.LayerNorm(width);
        head = nn.Linear(width, classes);
        RegisterComponents();
        InitialWeights.Draw(this);
    }

    public override Tensor forward(Tensor x)
    {
        x = patch.call(x).flatten(2).transpose(1, 2).Plus(pos);
        return head.call(norm.call(blocks.call(x)).mean([1]));
    }
}
