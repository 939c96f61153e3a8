using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    /// <summary>Grad mode is the thread's own; each guard puts back what it found.</summary>
    sealed class GradMode : IDisposable
    {
        readonly int before = Native.tt_grad_enabled();
        bool disposed;

        public GradMode(bool on) => Native.tt_set_grad_enabled(on ? 1 : 0);

        public void Dispose()
        {
            if (disposed)
                return;
            disposed = true;
            Native.tt_set_grad_enabled(before);
        }
    }

    sealed class InferenceMode(bool on) : IDisposable
    {
        nint guard = Native.tt_enter_inference(on ? 1 : 0);

        public void Dispose()
        {
            if (guard != 0)
                Native.tt_leave_inference(guard);
            guard = 0;
        }
    }
}
