using DecentralizedLion.Models.Datasets;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>The mini-batches of several samples: as many as <c>accumulate</c> says, where there are so many samples.</summary>
static class MicroBatches
{
    /// <summary>Reads them, one after the other.</summary>
    /// <param name="data">The training part.</param>
    /// <param name="samples">The samples, to be cut into equal mini-batches in this order.</param>
    /// <param name="positions">Their positions in the run.</param>
    /// <param name="count">The most mini-batches.</param>
    public static IEnumerable<Batch> Of(IDataSplit data, long[] samples, long[] positions, int count)
    {
        var parts = Math.Min(count, samples.Length);
        for (var part = 0; part < parts; part++)
        {
            var (from, to) = ((int)((long)samples.Length * part / parts), (int)((long)samples.Length * (part + 1) / parts));
            yield return data.Read(samples.AsSpan(from..to), positions.AsSpan(from..to));
        }
    }
}
