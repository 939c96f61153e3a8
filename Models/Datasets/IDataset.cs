namespace DecentralizedLion.Models.Datasets;

/// <summary>Something to train on, split into a training and a test part.</summary>
interface IDataset : IDisposable
{
    /// <summary>The kind of data, as <c>data.kind</c> in peers.json names it.</summary>
    string Name { get; }

    /// <summary>The samples that the peers train on.</summary>
    IDataSplit Train { get; }

    /// <summary>The samples that the model is evaluated on; shares none with <see cref="Train"/>.</summary>
    IDataSplit Test { get; }

    /// <summary>The shape of one sample: [3, 32, 32], [1, 28, 28], [T].</summary>
    long[] SampleShape { get; }

    /// <summary>The number of classes, or the size of the vocabulary.</summary>
    int Classes { get; }

    /// <summary>
    /// SHA-256 of the content (for generated data, of the parameters): peers with equal digests see equal samples.
    /// </summary>
    byte[] Digest { get; }

    /// <summary>Things about the data that a person should know, and that are allowed.</summary>
    IReadOnlyList<string> Notes => [];

    /// <summary>Reads through what was not read yet, so that everything a step can draw is known to be good.</summary>
    /// <exception cref="DataException">Something is not.</exception>
    void Check(DataCheckOptions options)
    {
    }
}
