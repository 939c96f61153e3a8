using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Benchmarks.Stores;

/// <summary>A journal to nowhere: it knows the chain and no record. For a ring in which nobody falls behind.</summary>
sealed class NoJournal : IJournal
{
    readonly List<ChainDigest> chain = [default];

    public long First { get; private set; }

    public long Last => First + chain.Count - 1;

    public ChainDigest ChainAt(long step) => chain[(int)(step - First)];

    public void Append(StepRecord record) => chain.Add(record.Digest);

    public StepRecord? Read(long step) => null;

    public void CutAfter(long step) => chain.RemoveRange((int)(step - First) + 1, (int)(Last - step));

    public void Restart(long step, ChainDigest chain)
    {
        First = step;
        this.chain.Clear();
        this.chain.Add(chain);
    }
}
