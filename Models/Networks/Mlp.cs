using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Models.Networks;

sealed class Mlp : nn.Module<Tensor, Tensor>
{
    readonly Sequential layers;

    public Mlp(MlpSettings settings, long[] sampleShape, int classes)
        : base(nameof(Mlp))
    {
        List<nn.Module<Tensor, Tensor>> all = [nn.Flatten()];
        long width = Shape.Elements(sampleShape);
        for (int i = 0; i < settings.Depth; i++)
        {
            all.Add(nn.Linear(width, settings.Width));
            all.Add(nn.GELU());
            width = settings.Width;
        }

        all.Add(nn.Linear(width, classes));
        layers = nn.Sequential(all);
        RegisterComponents();
        InitialWeights.Draw(this);
    }

    public override Tensor forward(Tensor x) => layers.call(x);
}
