using DecentralizedLion.Models.Datasets;

namespace DecentralizedLion.Models.Tests.Datasets;

/// <summary>A data set of <see cref="CountingSplit"/>s.</summary>
sealed class CountingData(CountingSplit train) : IDataset
{
    public string Name => "counting";

    public IDataSplit Train => train;

    public IDataSplit Test => train;

    public long[] SampleShape => [1];

    public int Classes => 10;

    public byte[] Digest => new byte[32];

    public void Dispose()
    {
    }
}
