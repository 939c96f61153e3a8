using static TorchSharp.torch;

namespace DecentralizedLion.Models.Vectors;

/// <summary>The planes of bits that go between a device and the host: 64 to a word there, and 8 to a byte, in the same order,
/// here.</summary>
/// <param name="place">The device.</param>
sealed unsafe class PlaneTransfer(DevicePlace place) : IDisposable
{
    Tensor? onDevice, onHost;
    byte* at;

    /// <summary>The device's buffer for so many planes: [planes, 8 · words] bytes.</summary>
    public Tensor Buffer(int planes, int words)
    {
        var length = 8L * planes * words;
        if (onDevice is null || onDevice.NumberOfElements < length)
        {
            Dispose();
            onHost = place.NewHostTensor(length, uint8);
            onDevice = place.IsOnHost ? onHost : zeros(length, uint8, place.Device).DetachFromDisposeScope();
            at = DevicePlace.AddressOf(onHost);
        }
        return onDevice.narrow(0, 0, length).view(planes, 8L * words);
    }

    /// <summary>Copies planes to the device.</summary>
    /// <param name="first">The first planes.</param>
    /// <param name="second">The planes after them; may be empty.</param>
    /// <param name="words">The words of a plane.</param>
    /// <returns>[planes, 8 · words] bytes on the device.</returns>
    public Tensor Upload(ReadOnlySpan<ulong> first, ReadOnlySpan<ulong> second, int words)
    {
        var buffer = Buffer((first.Length + second.Length) / words, words);
        first.CopyTo(new Span<ulong>(at, first.Length));
        second.CopyTo(new Span<ulong>(at + (8L * first.Length), second.Length));
        if (!place.IsOnHost)
            buffer.copy_(OnHost(buffer));
        place.Count(buffer.NumberOfElements);
        return buffer;
    }

    /// <summary>Copies the two planes of the buffer to the host.</summary>
    public void Download(Tensor buffer, Span<ulong> first, Span<ulong> second)
    {
        if (!place.IsOnHost)
            OnHost(buffer).copy_(buffer);
        new ReadOnlySpan<ulong>(at, first.Length).CopyTo(first);
        new ReadOnlySpan<ulong>(at + (8L * first.Length), second.Length).CopyTo(second);
        place.Count(buffer.NumberOfElements);
    }

    public void Dispose()
    {
        onHost?.Dispose();
        if (!place.IsOnHost)
            onDevice?.Dispose();
        (onHost, onDevice) = (null, null);
    }

    Tensor OnHost(Tensor buffer) => onHost!.narrow(0, 0, buffer.NumberOfElements).view(buffer.shape);
}
