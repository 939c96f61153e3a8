namespace DecentralizedLion.Models.Datasets;

/// <summary>
/// A data set with a third part: the last share of the training samples is not trained on but validated on, so that settings can
/// be chosen without the test part.
/// </summary>
sealed class HeldOutDataset : IDataset
{
    readonly IDataset all;

    /// <summary>Cuts the validation part; owns the data from then on, also when it cannot be cut.</summary>
    /// <param name="all">The data.</param>
    /// <param name="share">The share of its training part that is held out, between 0 and 1.</param>
    /// <exception cref="DataException">Too few samples would be left on one of the sides.</exception>
    public HeldOutDataset(IDataset all, double share)
    {
        ArgumentNullException.ThrowIfNull(all);
        this.all = all;
        var split = all.Train;
        var from = split.Count - (long)(split.Count * share);
        var train = from - split.Spacing + 1;
        if (train < 1 || from == split.Count)
        {
            all.Dispose();
            throw new DataException($"{split.Count} samples to train on cannot be cut into a part to train on and a share of "
                + FormattableString.Invariant($"{share} to validate on; expected more samples, or another share"));
        }
        Train = new SplitSlice(split, 0, train);
        Validation = new SplitSlice(split, from, (split.Count - from - 1) / split.Spacing + 1, split.Spacing);
    }

    /// <inheritdoc/>
    public string Name => all.Name;

    /// <inheritdoc/>
    public IDataSplit Train { get; }

    /// <summary>The samples that settings are chosen by; has no content in common with <see cref="Train"/>.</summary>
    public IDataSplit Validation { get; }

    /// <inheritdoc/>
    public IDataSplit Test => all.Test;

    /// <inheritdoc/>
    public long[] SampleShape => all.SampleShape;

    /// <inheritdoc/>
    public int Classes => all.Classes;

    /// <summary>The digest of the whole data, wherever it is cut.</summary>
    public byte[] Digest => all.Digest;

    /// <inheritdoc/>
    public IReadOnlyList<string> Notes => all.Notes;

    /// <inheritdoc/>
    public void Check(DataCheckOptions options) => all.Check(options);

    /// <inheritdoc/>
    public void Dispose() => all.Dispose();
}
