using DecentralizedLion.Models.Datasets;

namespace DecentralizedLion.Peer.Tests.Configuration;

/// <summary>Data of which only the shape and the classes are known: who asks for more fails.</summary>
sealed class EmptyDataset(long[] shape, int classes) : IDataset
{
    public string Name => "empty";

    public IDataSplit Train => throw new NotSupportedException();

    public IDataSplit Test => throw new NotSupportedException();

    public long[] SampleShape => shape;

    public int Classes => classes;

    public byte[] Digest => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
