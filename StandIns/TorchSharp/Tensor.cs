using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Owns one handle of libtorch: freed by Dispose, by the scope it belongs to or, at the latest, by the finalizer.</summary>
    [NativeMarshalling(typeof(TensorMarshaller))]
    public partial class Tensor : IDisposable
    {
        nint handle;

        internal Tensor(nint handle)
        {
            this.handle = handle;
            DisposeScope.Innermost?.Attach(this);
        }

        ~Tensor() => Dispose(false);

        internal DisposeScope Scope { get; set; }

        public IntPtr Handle => handle != 0 ? handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");

        public bool IsInvalid => handle == 0;

        public unsafe Span<byte> bytes
        {
            get
            {
                if (device_type != DeviceType.CPU)
                    throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
                if (!is_contiguous())
                    throw new NotImplementedException("Bytes() called on non-contiguous tensor.");
                long size = NumberOfElements * element_size();
                if (size > int.MaxValue)
                    throw new NotImplementedException("Span only supports up to int.MaxValue elements.");
                return new((void*)Native.tt_data(Handle), (int)size);
            }

            set
            {
                if (value.Length != NumberOfElements * element_size())
                    throw new ArgumentException("Mismatched data sizes in Tensor.bytes.set().");
                value.CopyTo(bytes);
            }
        }

        public Device device => new(device_type, Native.tt_device_index(Handle));

        public DeviceType device_type => (DeviceType)Native.tt_device_type(Handle);

        public ScalarType dtype => (ScalarType)Native.tt_dtype(Handle);

        public bool is_leaf => Native.tt_is_leaf(Handle) != 0;

        public long ndim => Native.tt_dim(Handle);

        public long NumberOfElements => Native.tt_numel(Handle);

        public unsafe long[] shape
        {
            get
            {
                var sizes = new long[ndim];
                fixed (long* to = sizes)
                    Native.tt_shape(Handle, to);
                return sizes;
            }
        }

        public Tensor T => Native.tt_t(this);

        public bool requires_grad
        {
            get => Native.tt_requires_grad(Handle) != 0;
            set => Native.Check(Native.tt_set_requires_grad(this, value ? 1 : 0));
        }

        public Tensor grad
        {
            get
            {
                nint found = Native.tt_grad(Handle);
                return found == 0 ? null : new Tensor(found);
            }

            set => Native.Check(Native.tt_set_grad(this, value));
        }

        public static Tensor UnsafeCreateTensor(IntPtr handle) => new(handle);

        public long dim() => ndim;

        public long numel() => NumberOfElements;

        public long element_size() => Native.tt_element_size(Handle);

        public long size(int dim) => shape[dim < 0 ? dim + (int)ndim : dim];

        public long[] size() => shape;

        public unsafe long[] stride()
        {
            var strides = new long[ndim];
            fixed (long* to = strides)
                Native.tt_stride(Handle, to);
            return strides;
        }

        public long stride(int dim) => stride()[dim < 0 ? dim + (int)ndim : dim];

        public long storage_offset() => Native.tt_storage_offset(Handle);

        public bool is_contiguous() => Native.tt_is_contiguous(Handle) != 0;

        public bool is_pinned() => Native.tt_is_pinned(Handle) != 0;

        public T item<T>()
            where T : unmanaged
        {
            if (NumberOfElements != 1)
                throw new ArgumentException("Number of elements in the tensor must be 1");
            if (device_type != DeviceType.CPU)
                throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
            if (TypeOf(typeof(T)) != dtype)
                throw new ArgumentException($"Trying to convert a tensor of {dtype} to {typeof(T).Name}");
            return MemoryMarshal.Read<T>(bytes);
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        public void backward() => Native.Check(Native.tt_backward(this, 0, 0));

        public Tensor detach() => Native.tt_detach(this);

        public Tensor alias() => Native.tt_alias(this);

        static ScalarType TypeOf(Type type) => System.Type.GetTypeCode(type) switch
        {
            TypeCode.Byte => ScalarType.Byte,
            TypeCode.SByte => ScalarType.Int8,
            TypeCode.Int16 => ScalarType.Int16,
            TypeCode.Int32 => ScalarType.Int32,
            TypeCode.Int64 => ScalarType.Int64,
            TypeCode.Single => ScalarType.Float32,
            TypeCode.Double => ScalarType.Float64,
            TypeCode.Boolean => ScalarType.Bool,
            _ => throw new ArgumentException($"{type.Name} is not an element type of this stand-in"),
        };

        /// <summary>An operation in place hands out its own tensor, so that the handle libtorch returned goes at once.</summary>
        internal Tensor Itself(Tensor result)
        {
            result.Dispose();
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            Scope?.Detach(this);
            return this;
        }

        public Tensor MoveToOuterDisposeScope()
        {
            Scope?.MoveToOuter(this);
            return this;
        }

        public IntPtr DecoupleFromNativeHandle()
        {
            nint taken = Handle;
            Scope?.Detach(this);
            handle = 0;
            GC.SuppressFinalize(this);
            return taken;
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            nint owned = Interlocked.Exchange(ref handle, 0);
            if (owned == 0)
                return;
            if (disposing)
                Scope?.MarkAsDisposed(this);
            Native.tt_free(owned);
        }
    }
}
