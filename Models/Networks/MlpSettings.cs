namespace DecentralizedLion.Models.Networks;

/// <summary>Hidden layers of one width with GELU between them.</summary>
sealed record MlpSettings(int Width = 256, int Depth = 2) : NetworkSettings
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
