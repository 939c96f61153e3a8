using System.Runtime.InteropServices.Marshalling;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>
/// Passes tensors to native code by handle. The struct on the caller's stack keeps the tensor alive until the call is over,
/// so that its finalizer cannot free it meanwhile; a null that comes back is the error of the call.
/// </summary>
[CustomMarshaller(typeof(Tensor), MarshalMode.ManagedToUnmanagedIn, typeof(In))]
[CustomMarshaller(typeof(Tensor), MarshalMode.ManagedToUnmanagedOut, typeof(Out))]
static class TensorMarshaller
{
    public ref struct In
    {
        Tensor tensor;

        public void FromManaged(Tensor managed) => tensor = managed;

        public readonly nint ToUnmanaged() => tensor is null ? 0 : tensor.Handle;

        public readonly void OnInvoked() => GC.KeepAlive(tensor);

        public readonly void Free()
        {
        }
    }

    public static class Out
    {
        public static Tensor ConvertToManaged(nint handle) => handle == 0 ? throw Native.Error() : new Tensor(handle);
    }
}
