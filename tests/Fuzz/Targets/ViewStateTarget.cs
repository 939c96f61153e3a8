using System.Buffers.Binary;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Fuzz.Inputs;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Fuzz.Targets;

/// <summary>The file view.state, with what is in it.</summary>
sealed class ViewStateTarget : Target
{
    const int Header = 16;

    readonly Scratch scratch = new();
    readonly ViewStore store;

    public ViewStateTarget()
    {
        store = new ViewStore(scratch.Path);
        using PayloadTarget states = Payloads.AcceptorTarget();
        Seeds = [.. states.Seeds.Select(state =>
        {
            store.Save(state);
            return File.ReadAllBytes(store.File);
        })];
    }

    public override string Name => "view.state";

    public override IReadOnlyList<byte[]> Seeds { get; }

    public override byte[] Repair(byte[] input, FuzzRandom random)
    {
        if (input.Length < Header)
            return input;
        byte[] repaired = [.. Seeds[0][..8], .. input[8..]];
        BinaryPrimitives.WriteInt32LittleEndian(repaired.AsSpan(8), input.Length - Header);
        BinaryPrimitives.WriteUInt32LittleEndian(repaired.AsSpan(12), Crc32C.Of(repaired.AsSpan(Header)));
        return repaired;
    }

    public override string Run(ReadOnlyMemory<byte> input)
    {
        scratch.Write("view.state", input.Span);
        byte[]? bytes = store.Load();
        Must(store.IsDamaged == (bytes is null), "what can be read is not damaged");
        if (bytes is null)
            return "file refused";
        if (AcceptorState.TryDecode(bytes, Payloads.Peers) is not { } state)
            return "state refused";
        Must(AcceptorState.TryDecode(state.Encode(), Payloads.Peers)?.Encode().AsSpan().SequenceEqual(state.Encode()) == true,
            "written and read again it is another");
        return Accepted;
    }

    public override void Dispose() => scratch.Dispose();
}
