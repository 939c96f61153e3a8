namespace DecentralizedLion.Models.Networks;

/// <summary>A decoder as GPT-2's: learned positions, Depth causal blocks, output weights tied to the embedding.</summary>
sealed record GptSettings(int Context = 128, int Width = 128, int Depth = 4, int Heads = 4) : NetworkSettings
{
    public override string Kind => "gpt";

    public const int ContextMax = 65536;

    public override NetworkSize? Size(long[] sampleShape, int classes) =>
        new NetworkSize((long)classes * Width, 1) + new NetworkSize((long)Context * Width, 1)
        + Depth * Block.Size(Width) + NetworkSize.Norm(Width);

    public override void Validate(long[] sampleShape, int classes)
    {
        InRange("model.context", Context, 1, ContextMax);
        if (sampleShape is not [var tokens])
            throw new ArgumentException($"gpt needs samples of [tokens]; the data has {Shape.Text(sampleShape)}");
        if (tokens > Context)
            throw new ArgumentException($"model.context is {Context}; allowed is {tokens} (the samples' length) or more");
        InRange("model.width", Width, 1, Block.WidthMax);
        InRange("model.depth", Depth, 1, Block.DepthMax);
        InRange("model.heads", Heads, 1, Width);
        Divides("model.heads", Heads, "model.width", Width);
        Classes(classes);
    }
}
