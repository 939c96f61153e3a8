namespace DecentralizedLion.Models.Networks;

/// <summary>Patches of Patch × Patch pixels as tokens, learned positions, Depth blocks, the mean over tokens.</summary>
sealed record VitSettings(int Patch = 4, int Width = 192, int Depth = 6, int Heads = 6) : NetworkSettings
{
    public override string Kind => "vit";

    public override NetworkSize? Size(long[] sampleShape, int classes) =>
        NetworkSize.Linear(sampleShape[0] * Patch * Patch, Width)
        + new NetworkSize(sampleShape[1] / Patch * (sampleShape[2] / Patch) * Width, 1)
        + Depth * Block.Size(Width) + NetworkSize.Norm(Width) + NetworkSize.Linear(Width, classes);

    public override void Validate(long[] sampleShape, int classes)
    {
        Image(Kind, sampleShape);
        InRange("model.patch", Patch, 1, Math.Min(sampleShape[1], sampleShape[2]));
        Divides("model.patch", Patch, "the images' height", sampleShape[1]);
        Divides("model.patch", Patch, "the images' width", sampleShape[2]);
        InRange("model.width", Width, 1, Block.WidthMax);
        InRange("model.depth", Depth, 1, Block.DepthMax);
        InRange("model.heads", Heads, 1, Width);
        Divides("model.heads", Heads, "model.width", Width);
        Classes(classes);
    }
}
