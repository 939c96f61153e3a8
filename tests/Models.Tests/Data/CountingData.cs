namespace DecentralizedLion.Models.Tests.Data;

/// <summary>A data set of <see cref="CountingPart"/>s.</summary>
sealed class CountingData(CountingPart train) : IDataset
{
    public string Name => "counting";

    public IDataPart Train => train;

    public IDataPart Test => train;

    public long[] SampleShape => [1];

    public int Classes => 10;

    public byte[] Digest => new byte[32];

    public void Dispose()
    {
    }
}
