using System.Buffers.Binary;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Fuzz.Inputs;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Fuzz.Targets;

/// <summary>
/// A journal's file, alone or with one that goes on from it. Whatever is in it, what is opened is a chain that can be read step
/// by step, and opening it again changes nothing.
/// </summary>
sealed class JournalTarget : Target
{
    const string First = "journal-00000000.log", Second = "journal-00000003.log";
    const int Header = 56, Frame = 8;

    readonly Scratch scratch = new();
    readonly byte[] next;

    public JournalTarget()
    {
        using (StepJournal journal = Open())
        {
            journal.ResetTo(0, default);
            StepRecord[] records = Records.Chain(5);
            foreach (StepRecord record in records)
            {
                journal.Append(record);
                if (record.Step == 3)
                    journal.Checkpointed(0);
            }
        }
        next = File.ReadAllBytes(scratch.File(Second));
        byte[] whole = File.ReadAllBytes(scratch.File(First));
        Seeds = [whole, [.. whole, 0]];
    }

    public override string Name => "journal";

    public override IReadOnlyList<byte[]> Seeds { get; }

    public override long MostAllocated(int length) => (256 << 10) + 256L * length;

    /// <summary>Right checksums: of the header, and of every record that its length still finds.</summary>
    public override byte[] Repair(byte[] input, FuzzRandom random)
    {
        if (input.Length < Header)
            return input;
        byte[] repaired = [.. input];
        BinaryPrimitives.WriteUInt32LittleEndian(repaired.AsSpan(Header - 4), Crc32C.Of(repaired.AsSpan(0, Header - 4)));
        for (int at = Header; at + Frame <= repaired.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(repaired.AsSpan(at));
            if (length < 0 || length > repaired.Length - at - Frame)
                break;
            BinaryPrimitives.WriteUInt32LittleEndian(repaired.AsSpan(at + 4), Crc32C.Of(repaired.AsSpan(at + Frame, length)));
            at += Frame + length;
        }
        return repaired;
    }

    public override string Run(ReadOnlyMemory<byte> input)
    {
        foreach (string file in Directory.GetFiles(scratch.Path))
            File.Delete(file);
        scratch.Write(First, input.Span);
        if (input.Length % 2 == 1)
            scratch.Write(Second, next);
        bool whole;
        (long, long, Digest) opened;
        using (StepJournal journal = Open())
        {
            whole = journal.Repairs.Count == 0;
            opened = (journal.BaseStep, journal.LastStep, journal.DigestAfter(journal.LastStep));
            Must(journal.BaseStep >= 0 && journal.LastStep >= journal.BaseStep,
                $"the journal has steps {journal.BaseStep} to {journal.LastStep}");
            for (long step = journal.BaseStep + 1; step <= journal.LastStep; step++)
            {
                Must(journal.Read(step) is { } record && record.Step == step && record.Digest == journal.DigestAfter(step)
                    && record.WithDigestAfter(journal.DigestAfter(step - 1)).Digest == record.Digest,
                    $"step {step} cannot be read, or does not follow");
            }
        }
        using (StepJournal again = Open())
            Must(again.Repairs.Count == 0 && (again.BaseStep, again.LastStep, again.DigestAfter(again.LastStep)) == opened,
                "opened again it is another");
        return whole || input.Span.SequenceEqual(Seeds[1]) ? Accepted : opened.Item2 > opened.Item1 ? "cut" : "nothing left";
    }

    public override void Dispose() => scratch.Dispose();

    StepJournal Open() => StepJournal.Open(scratch.Path, Records.Parameters, TimeProvider.System, null);
}
