using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static bool cuda_is_available() => cuda.is_available();

    public static class cuda
    {
        public static bool is_available() => Native.tt_cuda_available() != 0;

        public static int device_count() => Native.tt_cuda_count();

        public static void manual_seed(long seed) => torch.manual_seed(seed);

        public static void manual_seed_all(long seed) => torch.manual_seed(seed);

        public static void synchronize(Device device = null) => Native.Check(Native.tt_cuda_synchronize(device?.index ?? -1));
    }
}
