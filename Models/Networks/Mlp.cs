using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Models;

/// <summary>Hidden layers of one width with GELU between them.</summary>
public sealed record MlpSettings(int Width = 256, int Depth = 2) : NetworkSettings
{
    public override string Kind => "mlp";

    public override void Validate(long[] sampleShape, int classes)
    {
        InRange("model.width", Width, 1, 65536);
        InRange("model.depth", Depth, 0, 64);
        Classes(classes);
        if (sampleShape.Length == 0)
            throw new ArgumentException("mlp needs samples with at least one dimension; the data has []");
    }
}

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
