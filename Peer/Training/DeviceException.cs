namespace DecentralizedLion.Peer.Training;

/// <summary>The device on which gradients were to be computed is not there. The message says what was found and what is
/// allowed.</summary>
sealed class DeviceException(string device)
    : Exception($"found \"{device}\", but this libtorch sees no CUDA device; allowed is cpu");
