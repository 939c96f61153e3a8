using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Seeds the generators of all devices.</summary>
    public static Generator manual_seed(long seed)
    {
        Native.Check(Native.tt_manual_seed(seed));
        return Generator.Default;
    }

    public static Tensor get_rng_state() => Native.tt_get_rng_state();

    public static void set_rng_state(Tensor new_state) => Native.Check(Native.tt_set_rng_state(new_state));

    /// <summary>Only the default generator exists here.</summary>
    public class Generator : IDisposable
    {
        internal static readonly Generator Default = new();

        Generator()
        {
        }

        public void Dispose() => GC.SuppressFinalize(this);
    }
}
