using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Models.Networks;

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
