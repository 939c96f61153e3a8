using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Benchmarks.Stores;

/// <summary>A journal to nowhere: it knows the chain and no record. For a ring in which nobody falls behind.</summary>
sealed class NoJournal : IJournal
{
    readonly List<Digest> chain = [default];

    public long BaseStep { get; private set; }

    public long LastStep => BaseStep + chain.Count - 1;

    public Digest DigestAfter(long step) => chain[(int)(step - BaseStep)];

    public void Append(StepRecord record) => chain.Add(record.Digest);

    public StepRecord? Read(long step) => null;

    public void TruncateAfter(long step) => chain.RemoveRange((int)(step - BaseStep) + 1, (int)(LastStep - step));

    public void ResetTo(long step, Digest chain)
    {
        BaseStep = step;
        this.chain.Clear();
        this.chain.Add(chain);
    }
}
