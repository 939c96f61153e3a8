namespace DecentralizedLion.Models.Networks;

/// <summary>
/// Stages of convolution, GroupNorm, ReLU and pooling; each stage halves the image and doubles the width. The last features are
/// averaged over the image.
/// </summary>
sealed record ConvNetSettings(int Width = 24, int Depth = 3) : NetworkSettings
{
    public const int ChannelsPerGroup = 8;

    public override string Kind => "convnet";

    public const int WidthMax = 1024, DepthMax = 6;

    public override NetworkSize? Size(long[] sampleShape, int classes)
    {
        NetworkSize stages = default;
        long channels = sampleShape[0], width = Width;
        for (var i = 0; i < Depth; i++, width *= 2)
        {
            stages += new NetworkSize(9 * channels * width, 1) + NetworkSize.Norm(width);
            channels = width;
        }
        return stages + NetworkSize.Linear(channels, classes);
    }

    public override void Validate(long[] sampleShape, int classes)
    {
        Image(Kind, sampleShape);
        InRange("model.width", Width, ChannelsPerGroup, WidthMax);
        if (Width % ChannelsPerGroup != 0)
            throw new ArgumentException($"model.width is {Width}; allowed is a multiple of {ChannelsPerGroup}");
        long side = Math.Min(sampleShape[1], sampleShape[2]);
        InRange("model.depth", Depth, 1, Math.Clamp(long.Log2(side), 1, DepthMax));
        Classes(classes);
    }
}
