namespace DecentralizedLion.Models.Networks;

/// <summary>A network in a file that PyTorch made by <c>torch.jit.script(network).save(file)</c>, with its initial
/// weights.</summary>
/// <param name="Path">The file's full path.</param>
/// <param name="Context">The number of tokens in a sample; 0 where samples are images.</param>
sealed record TorchScriptSettings(string Path, int Context = 0) : NetworkSettings
{
    public override string Kind => "torchscript";

    public override NetworkSize? Size(long[] sampleShape, int classes) => null;

    public override void Validate(long[] sampleShape, int classes)
    {
        if (sampleShape is not ([>= 1] or [>= 1, >= 1, >= 1]))
            throw new ArgumentException("torchscript needs samples of [tokens] or [channels, height, width]; the data has "
                + Shape.Text(sampleShape));
        Classes(classes);
    }
}
