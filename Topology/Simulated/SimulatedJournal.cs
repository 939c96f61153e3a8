using System.Buffers;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Topology.Simulated;

/// <summary>The journal on a simulated disk. Records are kept as the bytes that a file would have.</summary>
sealed class SimulatedJournal(DiskHandle handle) : IJournal
{
    public long First => handle.Disk.First;

    public long Last => handle.Disk.Last;

    public ChainDigest ChainAt(long step) => handle.Disk.ChainAt(step)
        ?? throw new ArgumentOutOfRangeException(nameof(step), step, $"the journal keeps steps {First} … {Last}");

    public void Append(StepRecord record)
    {
        SimulatedDisk disk = handle.Disk;
        if (record.Step != disk.Last + 1 || record.ChainedTo(ChainAt(disk.Last)).Digest != record.Digest)
            throw new InvalidOperationException($"the record of step {record.Step} does not follow the journal's last, of step {disk.Last}");
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
        (byte[] bytes, ChainDigest digest) = disk.Records[(int)(step - disk.First) - 1];
        return StepRecord.TryRead(bytes, disk.Parts, digest);
    }

    public void CutAfter(long step)
    {
        SimulatedDisk disk = handle.Disk;
        ArgumentOutOfRangeException.ThrowIfLessThan(step, disk.First);
        if (step < disk.Last)
            disk.Records.RemoveRange((int)(step - disk.First), (int)(disk.Last - step));
    }

    public void Restart(long step, ChainDigest chain)
    {
        SimulatedDisk disk = handle.Disk;
        disk.Records.Clear();
        (disk.First, disk.Base) = (step, chain);
    }
}
