using static TorchSharp.torch;

namespace DecentralizedLion.Models.Vectors;

/// <summary>
/// A device as the place of a peer's flat vectors. Operations go through them block by block, so that their temporary memory is
/// bounded: at most 10 bytes for a parameter of one block, whatever the number of parameters. Beside that it has buffers for
/// planes of bits, of an 8th of a byte a parameter and plane, on the device and, pinned, in host memory.
/// </summary>
sealed unsafe class DevicePlace : VectorPlace
{
    // A device that computes far from the host wants large operations, a CPU ones that fit its cache.
    const int DeviceBlock = 1 << 23, HostBlock = 1 << 18;

    /// <summary>The values that are copied to the host or back at once.</summary>
    const int Piece = 1 << 20;

    readonly List<Tensor> made = [];
    readonly Tensor? staging;
    readonly float* stagingAt;

    /// <param name="device">The device.</param>
    /// <param name="block">The values of a block, a multiple of 64; 0 for the device's own.</param>
    public DevicePlace(Device device, int block = 0)
    {
        Device = device;
        IsOnHost = device.type == TorchSharp.DeviceType.CPU;
        Block = block > 0 ? block : IsOnHost ? HostBlock : DeviceBlock;
        ArgumentOutOfRangeException.ThrowIfNotEqual(Block % 64, 0, nameof(block));
        Bits = new BitPacking(device);
        Planes = new PlaneTransfer(this);
        staging = NewHostTensor(Piece, float32);
        stagingAt = (float*)AddressOf(staging);
    }

    /// <summary>The device.</summary>
    public Device Device { get; }

    /// <summary>The values of a block.</summary>
    public int Block { get; }

    /// <summary>True when the device's memory is the host's.</summary>
    public bool IsOnHost { get; }

    /// <summary>The bytes that went from the device to the host or back, so far.</summary>
    public long CopiedBytes { get; private set; }

    /// <summary>The packing of bits.</summary>
    public BitPacking Bits { get; }

    /// <summary>The planes on their way.</summary>
    public PlaneTransfer Planes { get; }

    public override FlatVector NewVector(int length)
    {
        var values = zeros(length, float32, Device).DetachFromDisposeScope();
        made.Add(values);
        return new DeviceVector(values, this);
    }

    /// <summary>Copies values to the host.</summary>
    public void Read(Tensor values, int begin, Span<float> destination)
    {
        for (var at = 0; at < destination.Length; at += Piece)
        {
            using var scope = NewDisposeScope();
            var piece = destination[at..Math.Min(at + Piece, destination.Length)];
            staging!.narrow(0, 0, piece.Length).copy_(values.narrow(0, begin + at, piece.Length));
            new ReadOnlySpan<float>(stagingAt, piece.Length).CopyTo(piece);
            Count(sizeof(float) * (long)piece.Length);
        }
    }

    /// <summary>Copies values from the host.</summary>
    public void Write(Tensor values, int begin, ReadOnlySpan<float> source)
    {
        for (var at = 0; at < source.Length; at += Piece)
        {
            using var scope = NewDisposeScope();
            var piece = source[at..Math.Min(at + Piece, source.Length)];
            piece.CopyTo(new Span<float>(stagingAt, piece.Length));
            values.narrow(0, begin + at, piece.Length).copy_(staging!.narrow(0, 0, piece.Length));
            Count(sizeof(float) * (long)piece.Length);
        }
    }

    /// <summary>Notes that so many bytes went between device and host.</summary>
    public void Count(long bytes) => CopiedBytes += bytes;

    /// <summary>A tensor in host memory, pinned where the device copies from pinned memory.</summary>
    public Tensor NewHostTensor(long length, ScalarType type)
    {
        var pageable = zeros(length, type).DetachFromDisposeScope();
        if (IsOnHost)
            return pageable;
        using (pageable)
            return pageable.pin_memory().DetachFromDisposeScope();
    }

    /// <summary>The address of a host tensor's first element: a span of bytes could not reach beyond 2 GiB.</summary>
    public static byte* AddressOf(Tensor host)
    {
        using var first = host.narrow(0, 0, 1).DetachFromDisposeScope();
        fixed (byte* at = first.bytes)
            return at;
    }

    public override void Dispose()
    {
        foreach (var tensor in made)
            tensor.Dispose();
        staging?.Dispose();
        Planes.Dispose();
        Bits.Dispose();
    }
}
