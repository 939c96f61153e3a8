using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        // Shape
        public Tensor clone() => Native.tt_clone(this);

        public Tensor contiguous() => Native.tt_contiguous(this);

        public Tensor t() => Native.tt_t(this);

        public Tensor pin_memory() => Native.tt_pin_memory(this);

        public Tensor view(params long[] shape) => Native.tt_view(this, shape, shape.Length);

        public Tensor reshape(params long[] shape) => Native.tt_reshape(this, shape, shape.Length);

        public Tensor expand(params long[] sizes) => Native.tt_expand(this, sizes, sizes.Length);

        public Tensor permute(params long[] permutation) => Native.tt_permute(this, permutation, permutation.Length);

        public Tensor transpose(long dim0, long dim1) => Native.tt_transpose(this, dim0, dim1);

        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Native.tt_flatten(this, start_dim, end_dim);

        public Tensor unsqueeze(long dim) => Native.tt_unsqueeze(this, dim);

        public Tensor squeeze(long? dim = null) => dim is { } one ? Native.tt_squeeze_dim(this, one) : Native.tt_squeeze(this);

        public Tensor narrow(long dim, long start, long length) => Native.tt_narrow(this, dim, start, length);

        public Tensor slice(long dim, long start, long finish, long step) => Native.tt_slice(this, dim, start, finish, step);

        public Tensor[] chunk(long chunks, long dim = 0)
        {
            var handles = new nint[Math.Max(chunks, 0)];
            return Native.Take(Native.tt_chunk(this, chunks, dim, handles), handles);
        }

        public Tensor[] split(long size, int dim = 0)
        {
            long along = this.size(dim);
            var handles = new nint[size <= 0 ? 1 : Math.Max(1, (along + size - 1) / size)];
            return Native.Take(Native.tt_split(this, size, dim, handles, handles.Length), handles);
        }

        public Tensor tril(long diagonal = 0) => Native.tt_tril(this, diagonal);

        public Tensor gather(long dim, Tensor index) => Native.tt_gather(this, dim, index);

        public Tensor index_select(long dim, Tensor index) => Native.tt_index_select(this, dim, index);

        public Tensor masked_fill(Tensor mask, Scalar value) => Native.tt_masked_fill(this, mask, value.Value);

        // Device and type
        public Tensor cpu() => to(CPU);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Converted(null, device, copy, disposeAfter, non_blocking);

        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Converted(type, null, copy, disposeAfter, non_blocking);

        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Converted(type, device, copy, disposeAfter, non_blocking);

        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Converted(type, null, copy, disposeAfter, non_blocking);

        public Tensor copy_(Tensor source, bool nonBlocking = false) =>
            Itself(Native.tt_copy_(this, source, nonBlocking ? 1 : 0));

        public Tensor set_(Tensor source) => Itself(Native.tt_set_(this, source));

        public Tensor detach_() => Itself(Native.tt_detach_(this));

        // Pointwise
        public Tensor abs() => Native.tt_abs(this);

        public Tensor cos() => Native.tt_cos(this);

        public Tensor exp() => Native.tt_exp(this);

        public Tensor log() => Native.tt_log(this);

        public Tensor neg() => Native.tt_neg(this);

        public Tensor relu() => Native.tt_relu(this);

        public Tensor gelu() => Native.tt_gelu(this);

        public Tensor sign() => Native.tt_sign(this);

        public Tensor sin() => Native.tt_sin(this);

        public Tensor sqrt() => Native.tt_sqrt(this);

        public Tensor tanh() => Native.tt_tanh(this);

        public Tensor isinf() => Native.tt_isinf(this);

        public Tensor isnan() => Native.tt_isnan(this);

        public Tensor add(Tensor target) => Native.tt_add(this, target);

        public Tensor add(Tensor target, Scalar alpha) => Native.tt_add_alpha(this, target, alpha.Value);

        public Tensor add(Scalar scalar) => Native.tt_add_scalar(this, scalar.Value);

        public Tensor add_(Tensor target) => Itself(Native.tt_add_(this, target));

        public Tensor add_(Tensor target, Scalar alpha) => Itself(Native.tt_add_alpha_(this, target, alpha.Value));

        public Tensor add_(Scalar scalar) => Itself(Native.tt_add__scalar(this, scalar.Value));

        public Tensor sub(Tensor target) => Native.tt_sub(this, target);

        public Tensor sub(Scalar target) => Native.tt_sub_scalar(this, target.Value);

        public Tensor sub_(Tensor target) => Itself(Native.tt_sub_(this, target));

        public Tensor sub_(Scalar target) => Itself(Native.tt_sub__scalar(this, target.Value));

        public Tensor mul(Tensor target) => Native.tt_mul(this, target);

        public Tensor mul(Scalar target) => Native.tt_mul_scalar(this, target.Value);

        public Tensor mul_(Tensor target) => Itself(Native.tt_mul_(this, target));

        public Tensor mul_(Scalar target) => Itself(Native.tt_mul__scalar(this, target.Value));

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None ? Native.tt_div(this, target) : throw Unrounded(rounding_mode);

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None ? Native.tt_div_scalar(this, target.Value) : throw Unrounded(rounding_mode);

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None ? Itself(Native.tt_div_(this, target)) : throw Unrounded(rounding_mode);

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None ? Itself(Native.tt_div__scalar(this, target.Value)) : throw Unrounded(rounding_mode);

        public Tensor pow(Scalar exponent) => Native.tt_pow_scalar(this, exponent.Value);

        public Tensor fill_(Scalar value) => Itself(Native.tt_fill__scalar(this, value.Value));

        public Tensor zero_() => Itself(Native.tt_zero_(this));

        public Tensor normal_(double mean = 0, double std = 1, Generator generator = null) =>
            Itself(Native.tt_normal_(this, mean, std));

        public Tensor uniform_(double from, double to, Generator generator = null) =>
            Itself(Native.tt_uniform_(this, from, to));

        // Comparison
        public Tensor eq(Tensor target) => Native.tt_eq(this, target);

        public Tensor eq(Scalar target) => Native.tt_eq_scalar(this, target.Value);

        public Tensor ne(Tensor target) => Native.tt_ne(this, target);

        public Tensor ne(Scalar target) => Native.tt_ne_scalar(this, target.Value);

        public Tensor lt(Tensor target) => Native.tt_lt(this, target);

        public Tensor lt(Scalar target) => Native.tt_lt_scalar(this, target.Value);

        public Tensor le(Tensor target) => Native.tt_le(this, target);

        public Tensor le(Scalar target) => Native.tt_le_scalar(this, target.Value);

        public Tensor gt(Tensor target) => Native.tt_gt(this, target);

        public Tensor gt(Scalar target) => Native.tt_gt_scalar(this, target.Value);

        public Tensor ge(Tensor target) => Native.tt_ge(this, target);

        public Tensor ge(Scalar target) => Native.tt_ge_scalar(this, target.Value);

        // Matrices
        public Tensor matmul(Tensor target) => Native.tt_matmul(this, target);

        public Tensor bmm(Tensor batch2) => Native.tt_bmm(this, batch2);

        // Reductions
        public Tensor all() => Native.tt_all(this);

        public Tensor any() => Native.tt_any(this);

        public Tensor argmax() => Native.tt_argmax(this);

        public Tensor argmax(long dim, bool keepdim = false) => Native.tt_argmax_dim(this, dim, keepdim ? 1 : 0);

        public Tensor max() => Native.tt_max(this);

        public Tensor min() => Native.tt_min(this);

        public Tensor mean() => Native.tt_mean(this);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Native.tt_mean_dims(this, dimensions, dimensions.Length, keepdim ? 1 : 0, (int?)type ?? -1);

        public Tensor norm(float p = 2) => Native.tt_norm(this, p);

        public Tensor std(bool unbiased = true) => Native.tt_std(this, unbiased ? 1 : 0);

        public Tensor sum(ScalarType? type = null) => Native.tt_sum(this, (int?)type ?? -1);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) =>
            Native.tt_sum_dims(this, dim, dim.Length, keepdim ? 1 : 0, (int?)type ?? -1);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) =>
            Native.tt_sum_dims(this, [dim], 1, keepdim ? 1 : 0, (int?)type ?? -1);

        public Tensor softmax(long dim, ScalarType? dtype = null) => Native.tt_softmax(this, dim, (int?)dtype ?? -1);

        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Native.tt_log_softmax(this, dim, (int?)dtype ?? -1);

        static NotSupportedException Unrounded(RoundingMode mode) => new($"rounding_mode {mode} is not in this stand-in");

        Tensor Converted(ScalarType? type, Device device, bool copy, bool disposeAfter, bool non_blocking)
        {
            bool same = (type is null || type == dtype)
                && (device is null || (device.type == device_type && (device.index < 0 || device.index == this.device.index)));
            if (same && !copy)
                return this;
            var converted = Native.tt_to(
                this, (int?)type ?? -1, device is null ? -1 : (int)device.type, device?.index ?? -1, copy ? 1 : 0, non_blocking ? 1 : 0);
            if (disposeAfter)
                Dispose();
            return converted;
        }
    }
}
