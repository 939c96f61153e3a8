using System.Buffers;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Topology.Simulation.World;

/// <summary>The journal on a simulated disk. Records are kept as the bytes that a file would have.</summary>
sealed class SimulatedJournal(DiskHandle handle) : IJournal
{
    public long BaseStep => handle.Disk.First;

    public long LastStep => handle.Disk.Last;

    public Digest DigestAfter(long step) => handle.Disk.DigestAfter(step)
        ?? throw new ArgumentOutOfRangeException(nameof(step), step, $"the journal keeps steps {BaseStep} … {LastStep}");

    public void Append(StepRecord record)
    {
        SimulatedDisk disk = handle.Disk;
        if (record.Step != disk.Last + 1 || record.WithDigestAfter(DigestAfter(disk.Last)).Digest != record.Digest)
            throw new InvalidOperationException(
                $"the record of step {record.Step} does not follow the journal's last, of step {disk.Last}");
        disk.NeedSpace("the journal");
        var written = new ArrayBufferWriter<byte>(256);
        record.Write(written);
        if (disk.Tear is { } tear)
        {
            disk.Records.Add((written.WrittenSpan[..tear(written.WrittenCount)].ToArray(), record.Digest));
            handle.Die();
            throw new ProcessDiedException();
        }
        disk.Records.Add((written.WrittenSpan.ToArray(), record.Digest));
    }

    public StepRecord? Read(long step)
    {
        SimulatedDisk disk = handle.Disk;
        if (step <= disk.First || step > disk.Last)
            return null;
        (byte[] bytes, Digest digest) = disk.Records[(int)(step - disk.First) - 1];
        return StepRecord.TryRead(bytes, disk.BucketsOf, digest);
    }

    public void TruncateAfter(long step)
    {
        SimulatedDisk disk = handle.Disk;
        ArgumentOutOfRangeException.ThrowIfLessThan(step, disk.First);
        if (step < disk.Last)
            disk.Records.RemoveRange((int)(step - disk.First), (int)(disk.Last - step));
    }

    public void ResetTo(long step, Digest chain)
    {
        SimulatedDisk disk = handle.Disk;
        disk.Records.Clear();
        (disk.First, disk.Base) = (step, chain);
    }
}
