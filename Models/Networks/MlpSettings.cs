namespace DecentralizedLion.Models.Networks;

/// <summary>Hidden layers of one width with GELU between them.</summary>
sealed record MlpSettings(int Width = 256, int Depth = 2) : NetworkSettings
{
    public override string Kind => "mlp";

    public const int WidthMax = 65536, DepthMax = 64;

    public override NetworkSize? Size(long[] sampleShape, int classes)
    {
        var inputs = Shape.Elements(sampleShape);
        return Depth == 0 ? NetworkSize.Linear(inputs, classes)
            : NetworkSize.Linear(inputs, Width) + (Depth - 1) * NetworkSize.Linear(Width, Width)
                + NetworkSize.Linear(Width, classes);
    }

    public override void Validate(long[] sampleShape, int classes)
    {
        InRange("model.width", Width, 1, WidthMax);
        InRange("model.depth", Depth, 0, DepthMax);
        Classes(classes);
        if (sampleShape.Length == 0)
            throw new ArgumentException("mlp needs samples with at least one dimension; the data has []");
    }
}
