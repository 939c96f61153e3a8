using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Models;

/// <summary>
/// Stages of convolution, GroupNorm, ReLU and pooling; each stage halves the image and doubles the width. The last features are
/// averaged over the image.
/// </summary>
public sealed record ConvNetSettings(int Width = 24, int Depth = 3) : NetworkSettings
{
    public const int ChannelsPerGroup = 8;

    public override string Kind => "convnet";

    public override void Validate(long[] sampleShape, int classes)
    {
        Image(Kind, sampleShape);
        InRange("model.width", Width, ChannelsPerGroup, 1024);
        if (Width % ChannelsPerGroup != 0)
            throw new ArgumentException($"model.width is {Width}; allowed is a multiple of {ChannelsPerGroup}");
        long side = Math.Min(sampleShape[1], sampleShape[2]);
        InRange("model.depth", Depth, 1, Math.Clamp(long.Log2(side), 1, 6));
        Classes(classes);
    }
}

sealed class ConvNet : nn.Module<Tensor, Tensor>
{
    readonly Sequential stages;
    readonly Linear head;

    public ConvNet(ConvNetSettings settings, long[] sampleShape, int classes)
        : base(nameof(ConvNet))
    {
        List<nn.Module<Tensor, Tensor>> all = [];
        long channels = sampleShape[0], width = settings.Width;
        for (int i = 0; i < settings.Depth; i++, width *= 2)
        {
            all.Add(new Stage(channels, width));
            channels = width;
        }

        stages = nn.Sequential(all);
        head = nn.Linear(channels, classes);
        RegisterComponents();
        InitialWeights.Draw(this);
    }

    public override Tensor forward(Tensor x) => head.call(stages.call(x).mean([2, 3]));

    sealed class Stage : nn.Module<Tensor, Tensor>
    {
        readonly Conv2d conv;
        readonly GroupNorm norm;

        public Stage(long channels, long width)
            : base(nameof(Stage))
        {
            // The norm has a bias of its own.
            conv = nn.Conv2d(channels, width, kernel_size: 3, padding: 1, bias: false);
            norm = nn.GroupNorm(width / ConvNetSettings.ChannelsPerGroup, width);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var features = nn.functional.relu(norm.call(conv.call(x)));
            return nn.functional.max_pool2d(features, kernel_size: 2).MoveToOuterDisposeScope();
        }
    }
}
